import { stateNumber } from "../../control/keepalived-json.ts";
import type { InstanceCounters } from "../../vrrp/process/counters.ts";
import { type MetricGroup, perRow, single } from "./metric.ts";

const instance = perRow(["iname", "intf", "vrid"], ({ instances }) => instances);
const script = perRow(["name"], ({ told }) => told.scripts.map((each) => ({ ...each, labels: { name: each.name } })));
const virtualAddress = perRow(["iname", "intf", "vrid", "ip_address"], ({ told, view }) => {
  const views = new Map(view.instances.map((each) => [each.name, each]));
  return told.virtualAddresses.flatMap(({ instance: iname, address, interface: intf }) => {
    const seen = views.get(iname);
    if (seen === undefined) return [];
    return [{ labels: { iname, intf, vrid: `${seen.virtualRouterId}`, ip_address: address }, state: seen.state }];
  });
});

function counted(name: string, help: string, counter: keyof InstanceCounters) {
  return instance("counter", `keepalived_${name}_total`, help, (row) => row.instance.counters[counter]);
}

/** The names and labels of mehdy/keepalived-exporter, with keepalived's meaning. */
export const keepalivedMetrics: MetricGroup = {
  title: "VRRP, under the names of keepalived-exporter",
  bound: "VRRP instances (for `keepalived_vrrp_state` virtual addresses), scripts",
  metrics: [
    single("gauge", "keepalived_up", "1 while the VRRP process runs, or none is needed", ({ told }) =>
      Number(told.daemon.vrrp === "running" || told.daemon.vrrp === "off"),
    ),
    virtualAddress(
      "gauge",
      "keepalived_vrrp_state",
      "State of the instance of a virtual address: 0 initial, 1 backup, 2 master, 3 fault",
      ({ state }) => stateNumber[state],
    ),
    counted("advertisements_received", "Adverts received that count", "advertisementsReceived"),
    counted("advertisements_sent", "Adverts sent", "advertisementsSent"),
    counted("become_master", "Times that it became master", "becomeMaster"),
    counted("release_master", "Times that it was master no longer", "releaseMaster"),
    counted("packet_length_errors", "Adverts of the wrong length", "packetLengthErrors"),
    counted(
      "advertisements_interval_errors",
      "Adverts with another interval than configured",
      "advertisementsIntervalErrors",
    ),
    counted("ip_ttl_errors", "Adverts with a TTL or hop limit that is not 255", "ipTtlErrors"),
    counted("invalid_type_received", "VRRP packets that are no adverts", "invalidTypeReceived"),
    counted("address_list_errors", "Adverts with other virtual addresses", "addressListErrors"),
    counted("authentication_invalid", "Adverts with an unknown kind of authentication", "authenticationInvalid"),
    counted("authentication_mismatch", "Adverts with another kind of authentication", "authenticationMismatch"),
    counted("authentication_failure", "Adverts that are not authentic", "authenticationFailure"),
    counted("priority_zero_received", "Adverts of a master that resigned", "priorityZeroReceived"),
    counted("priority_zero_sent", "Adverts with which it resigned", "priorityZeroSent"),
    script("gauge", "keepalived_script_status", "1 while a vrrp_script counts as up", ({ value }) =>
      value === null ? null : Number(value === "up"),
    ),
    script("gauge", "keepalived_script_state", "1 while a vrrp_script runs, 0 between its runs", ({ isRunning }) =>
      Number(isRunning),
    ),
  ],
};
