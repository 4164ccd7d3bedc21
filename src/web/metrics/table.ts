import { checkMetrics, directorMetrics } from "./director.ts";
import { ipvsMetrics } from "./ipvs.ts";
import { keepalivedMetrics } from "./keepalived.ts";
import type { MetricGroup } from "./metric.ts";
import { processMetrics } from "./processes.ts";
import { realServerMetrics, virtualServerMetrics } from "./virtual-servers.ts";
import { bfdMetrics, vrrpMetrics } from "./vrrp.ts";

/** Every metric there is: what /metrics answers with and docs/metrics.md is written from. */
export const metricGroups: readonly MetricGroup[] = [
  virtualServerMetrics,
  realServerMetrics,
  checkMetrics,
  vrrpMetrics,
  bfdMetrics,
  directorMetrics,
  processMetrics,
  keepalivedMetrics,
  ipvsMetrics,
];
