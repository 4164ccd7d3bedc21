import type { Labels } from "./labels.ts";
import type { Metric, MetricGroup } from "./metric.ts";
import { perRow } from "./metric.ts";
import type { IpvsTotals, RealServerRow, VirtualServerRow } from "./scrape.ts";

const virtual = perRow(["virtual_server"], ({ virtualServers }) => virtualServers);
const real = perRow(["virtual_server", "real_server"], ({ realServers }) => realServers);

const states = ["up", "down", "unknown", "disabled", "drained"] as const;

/** Of an object of the configuration: what the table has counted for it. */
const traffic: readonly (readonly [name: string, help: string, of: keyof IpvsTotals])[] = [
  ["connections", "Connections", "connections"],
  ["incoming_bytes", "Octets from clients", "inBytes"],
  ["outgoing_bytes", "Octets to clients; none with DR and TUN", "outBytes"],
];

/** By the labels of the virtual server: one object for each, so that they are written out once. */
const stateLabels = new WeakMap<Labels, Readonly<Record<(typeof states)[number], Labels>>>();

function labelsByState(labels: Labels): Readonly<Record<(typeof states)[number], Labels>> {
  let known = stateLabels.get(labels);
  if (known === undefined) {
    const of = (state: (typeof states)[number]): Labels => ({ ...labels, state });
    known = {
      up: of("up"),
      down: of("down"),
      unknown: of("unknown"),
      disabled: of("disabled"),
      drained: of("drained"),
    };
    stateLabels.set(labels, known);
  }
  return known;
}

const realServersByState: Metric = {
  name: "lbctl_virtual_server_real_servers",
  type: "gauge",
  labels: ["virtual_server", "state"],
  help: `Real servers in each state: ${states.join(", ")}`,
  *samples({ virtualServers }) {
    for (const { labels, server, decision } of virtualServers) {
      const byState = labelsByState(labels);
      const counts = { up: 0, down: 0, unknown: 0, disabled: 0, drained: 0 };
      for (const { state } of decision?.realServers ?? []) counts[state] += 1;
      if (decision === undefined) counts.unknown = server.realServers.length;
      for (const state of states) yield { labels: byState[state], value: counts[state] };
    }
  },
};

export const virtualServerMetrics: MetricGroup = {
  title: "Virtual servers",
  bound: "virtual servers of the configuration",
  metrics: [
    virtual("gauge", "lbctl_virtual_server_up", "1 while its quorum is met and the data plane holds it", (row) =>
      Number(row.decision?.quorum.met === true && !row.isRefused),
    ),
    realServersByState,
    virtual(
      "gauge",
      "lbctl_virtual_server_quorum_weight",
      "Sum of the weights of the real servers that are up",
      ({ decision }: VirtualServerRow) => decision?.quorum.weightUp ?? 0,
    ),
    virtual(
      "gauge",
      "lbctl_virtual_server_quorum_needed",
      "Weight that it needs to be up, without hysteresis",
      ({ server }) => server.quorum,
    ),
    virtual(
      "gauge",
      "lbctl_virtual_server_sorry_server_in_service",
      "1 while the sorry server takes the traffic; only with a sorry server",
      ({ server, decision }) =>
        server.sorryServer === null ? null : Number(decision?.sorryServer?.inService ?? false),
    ),
    virtual(
      "gauge",
      "lbctl_virtual_server_panic",
      "1 while so few real servers are up that all of them take traffic; only with panic_threshold",
      ({ server, decision }) => (server.panicThreshold === undefined ? null : Number(decision?.panic?.active ?? false)),
    ),
    virtual(
      "gauge",
      "lbctl_virtual_server_refused_objects",
      "Services and destinations that the data plane refuses",
      ({ refusedObjects }) => refusedObjects,
    ),
    ...traffic.map(([name, help, of]) =>
      virtual(
        "counter",
        `lbctl_virtual_server_${name}_total`,
        `${help}, since its services were created`,
        ({ statistics }) => statistics?.[of] ?? null,
      ),
    ),
  ],
};

const errors: Metric = {
  name: "lbctl_real_server_last_error",
  type: "gauge",
  labels: ["virtual_server", "real_server", "class"],
  help: "1 for each class of errors that a last check ended with; none while all pass",
  *samples({ realServers }) {
    for (const row of realServers) for (const { labels } of row.errors) yield { labels, value: 1 };
  },
};

export const realServerMetrics: MetricGroup = {
  title: "Real servers",
  bound: "real servers of the configuration, in each virtual server",
  metrics: [
    real(
      "gauge",
      "lbctl_real_server_up",
      "1 while its checks say that it is up, whatever operators say",
      ({ decision }) =>
        decision === undefined || decision.health === "unknown" ? null : Number(decision.health === "up"),
    ),
    real("gauge", "lbctl_real_server_enabled", "0 while an operator or an agent has drained or disabled it", (row) =>
      Number((row.decision?.adminState ?? "enabled") === "enabled"),
    ),
    real(
      "gauge",
      "lbctl_real_server_effective_weight",
      "Weight that it is to have in the table now; 0 takes no new connections",
      ({ decision }: RealServerRow) => decision?.effectiveWeight ?? 0,
    ),
    real(
      "gauge",
      "lbctl_real_server_state_since_timestamp_seconds",
      "When its state was entered, Unix time",
      ({ decision }) => (decision === undefined ? null : decision.sinceEpochMs / 1000),
    ),
    real(
      "gauge",
      "lbctl_real_server_check_latency_seconds",
      "How long its slowest check took the last time",
      ({ latencyMs }) => (latencyMs === null ? null : latencyMs / 1000),
    ),
    errors,
    ...traffic.map(([name, help, of]) =>
      real(
        "counter",
        `lbctl_real_server_${name}_total`,
        `${help}, since it was put into the table`,
        ({ statistics }) => statistics?.[of] ?? null,
      ),
    ),
  ],
};
