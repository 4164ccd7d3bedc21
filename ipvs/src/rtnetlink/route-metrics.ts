import { MAX_U32, shortName, whole } from "../checks.ts";
import { cstring, u32 } from "../netlink/attribute-types.ts";
import { attributes } from "../netlink/attributes.ts";
import type { Route, RouteMetric, RouteMetricName } from "./route.ts";

// RTA_METRICS: RTAX_LOCK u32 is a set of bits, one for each of the others by its number; CC_ALGO is a string.
const CC_ALGO = 16;
const TCP_CA_NAME_MAX = 16;
const rows = {
  mtu: [2, u32],
  window: [3, u32],
  rtt: [4, u32],
  rttvar: [5, u32],
  ssthresh: [6, u32],
  cwnd: [7, u32],
  advmss: [8, u32],
  reordering: [9, u32],
  hoplimit: [10, u32],
  initcwnd: [11, u32],
  features: [12, u32],
  rtoMin: [13, u32],
  initrwnd: [14, u32],
  quickack: [15, u32],
  fastopenNoCookie: [17, u32],
} as const satisfies Record<RouteMetricName, unknown>;

export const metricAttributes = attributes({ lock: [1, u32], ...rows, congestionControl: [CC_ALGO, cstring] });

type MetricValues = ReturnType<typeof metricAttributes.decode>;
type Metrics = Pick<Route, "metrics" | "congestionControl">;

const NAMES = Object.keys(rows) as RouteMetricName[];

/** Undefined when there are none. Throws NetlinkError `invalid`. */
export function encodeMetrics({ metrics, congestionControl }: Metrics): MetricValues | undefined {
  const values: Record<string, number | string> = {};
  let lock = 0;
  for (const name of NAMES) {
    const metric = metrics[name];
    if (metric === undefined) continue;
    values[name] = whole(name, metric.value, 0, MAX_U32);
    if (metric.locked) lock |= 1 << rows[name][0];
  }
  if (congestionControl) {
    values.congestionControl = shortName("congestion control", congestionControl.name, TCP_CA_NAME_MAX);
    if (congestionControl.locked) lock |= 1 << CC_ALGO;
  }
  if (lock !== 0) values.lock = lock;
  return Object.keys(values).length === 0 ? undefined : (values as MetricValues);
}

export function decodeMetrics(values: MetricValues | undefined): Metrics {
  const lock = values?.lock ?? 0;
  const metrics: Partial<Record<RouteMetricName, RouteMetric>> = {};
  for (const name of NAMES) {
    const value = values?.[name];
    if (value !== undefined) metrics[name] = { value, locked: (lock & (1 << rows[name][0])) !== 0 };
  }
  const name = values?.congestionControl;
  return {
    metrics,
    congestionControl: name === undefined ? null : { name, locked: (lock & (1 << CC_ALGO)) !== 0 },
  };
}
