import type { InstanceCounters } from "../../vrrp/process/counters.ts";
import { type Metric, type MetricGroup, perRow, single } from "./metric.ts";

const instance = perRow(["vrrp_instance"], ({ instances }) =>
  instances.map((row) => ({ ...row, labels: { vrrp_instance: row.instance.name } })),
);
const session = perRow(["name", "neighbor"], ({ told }) =>
  told.sessions.map((view) => ({ view, labels: { name: view.name, neighbor: view.neighbor } })),
);

/** Those that have no name of keepalived-exporter. */
const rejections = {
  checksum: "checksumErrors",
  version: "versionErrors",
  virtual_router_id: "vridErrors",
  source_address: "addressErrors",
} as const satisfies Record<string, keyof InstanceCounters>;

const rejected: Metric = {
  name: "lbctl_vrrp_rejected_adverts_total",
  type: "counter",
  labels: ["vrrp_instance", "cause"],
  help: `Adverts that did not count, of causes without a name of keepalived-exporter: ${Object.keys(rejections).join(", ")}`,
  *samples({ instances }) {
    for (const { instance: each } of instances) {
      for (const [cause, counter] of Object.entries(rejections)) {
        yield { labels: { vrrp_instance: each.name, cause }, value: each.counters[counter] };
      }
    }
  },
};

export const vrrpMetrics: MetricGroup = {
  title: "VRRP",
  bound: "VRRP instances",
  metrics: [
    instance("gauge", "lbctl_vrrp_master", "1 while this router is master", (row) =>
      Number(row.instance.state === "master"),
    ),
    instance("gauge", "lbctl_vrrp_fault", "1 while the instance is in fault", (row) =>
      Number(row.instance.state === "fault"),
    ),
    instance("gauge", "lbctl_vrrp_priority", "Priority in adverts now", (row) => row.instance.priority),
    instance("gauge", "lbctl_vrrp_base_priority", "Priority as configured", (row) => row.instance.basePriority),
    instance(
      "gauge",
      "lbctl_vrrp_state_since_timestamp_seconds",
      "When its state was entered, Unix time",
      (row) => row.instance.sinceEpochMs / 1000,
    ),
    instance(
      "gauge",
      "lbctl_vrrp_addresses_missing",
      "Addresses, routes and rules that a master should have and were not there at the last look",
      ({ instance: { state, addresses } }) =>
        state === "master" ? addresses.filter(({ present }) => !present).length : 0,
    ),
    instance(
      "counter",
      "lbctl_vrrp_other_master_seen_total",
      "Adverts of another router while this one was master: one is a takeover, more are two masters",
      (row) => row.instance.counters.otherMasterSeen,
    ),
    instance(
      "counter",
      "lbctl_vrrp_send_errors_total",
      "Adverts that could not be sent",
      (row) => row.instance.counters.sendErrors,
    ),
    rejected,
    single("gauge", "lbctl_vrrp_timer_lateness_max_seconds", "The worst lateness of a VRRP timer so far", ({ told }) =>
      told.daemon.vrrp === "off" ? null : told.vrrpLateMaxMs / 1000,
    ),
  ],
};

export const bfdMetrics: MetricGroup = {
  title: "BFD",
  bound: "BFD sessions",
  metrics: [
    session("gauge", "lbctl_bfd_session_up", "1 while the session is up", ({ view }) => Number(view.state === "up")),
    session(
      "counter",
      "lbctl_bfd_session_down_total",
      "Times that the session went down",
      ({ view }) => view.counters.wentDown,
    ),
  ],
};
