import { expect, test } from "vitest";
import { sampleKnown } from "../testing/sample-known.ts";
import { Exposition, formatFor } from "./exposition.ts";
import { type ScrapeInput, scrapeOf } from "./scrape.ts";
import { metricGroups } from "./table.ts";

const metrics = metricGroups.flatMap((group) => group.metrics);
const usage = { role: "checker", cpuS: 1.5, residentBytes: 1e8, openFds: 20, startedS: 1_767_268_800 };
const input = (change: Partial<ScrapeInput> = {}): ScrapeInput => ({
  ...sampleKnown(),
  totals: null,
  processes: [usage],
  nodeVersion: "24.0.0",
  ...change,
});
const write = (format: "text" | "openmetrics" = "text", change: Partial<ScrapeInput> = {}) =>
  new Exposition(format).write(scrapeOf(input(change)));

/** As the exporters have them that people use today: their dashboards go on. */
const known = {
  keepalived_up: "",
  keepalived_vrrp_state: "iname intf vrid ip_address",
  ...Object.fromEntries(
    [
      ..."advertisements_received advertisements_sent become_master release_master packet_length_errors".split(" "),
      ..."advertisements_interval_errors ip_ttl_errors invalid_type_received address_list_errors".split(" "),
      ..."authentication_invalid authentication_mismatch authentication_failure".split(" "),
      ..."priority_zero_received priority_zero_sent".split(" "),
    ].map((name) => [`keepalived_${name}_total`, "iname intf vrid"]),
  ),
  keepalived_script_status: "name",
  keepalived_script_state: "name",
  ...Object.fromEntries(
    ["connections", "incoming_packets", "outgoing_packets", "incoming_bytes", "outgoing_bytes"].map((name) => [
      `node_ipvs_${name}_total`,
      "",
    ]),
  ),
  ...Object.fromEntries(
    ["connections_active", "connections_inactive", "weight"].map((name) => [
      `node_ipvs_backend_${name}`,
      "local_address local_port remote_address remote_port proto local_mark",
    ]),
  ),
};

test("the names and labels of keepalived-exporter and of node_exporter are all there, and none of ours is like theirs", () => {
  const foreign = metrics.filter(({ name }) => !name.startsWith("lbctl_"));
  expect(Object.fromEntries(foreign.map(({ name, labels }) => [name, labels.join(" ")]))).toEqual(known);
});

test("every metric has a name of its own, the labels that it declares, and no series twice", () => {
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  const scrape = scrapeOf(input());
  for (const { name, type, labels, samples } of metrics) {
    expect(name.endsWith("_total"), name).toBe(type === "counter");
    const series = Array.from(samples(scrape), (sample) => {
      const { le, ...rest } = sample.labels;
      expect(Object.keys(rest), name).toEqual(labels);
      expect(le !== undefined, name).toBe(sample.suffix === "_bucket");
      expect(Number.isFinite(sample.value), name).toBe(true);
      return JSON.stringify([sample.suffix, sample.labels]);
    });
    expect(new Set(series).size, name).toBe(series.length);
  }
});

test.each([
  'lbctl_virtual_server_up{virtual_server="web"} 1',
  'lbctl_virtual_server_real_servers{virtual_server="web",state="down"} 1',
  'lbctl_virtual_server_panic{virtual_server="web"} 0',
  'lbctl_real_server_up{virtual_server="web",real_server="10.0.0.2:80"} 0',
  'lbctl_real_server_last_error{virtual_server="web",real_server="10.0.0.2:80",class="status"} 1',
  'lbctl_real_server_check_latency_seconds{virtual_server="web",real_server="10.0.0.1:80"} 0.012',
  'lbctl_real_server_outgoing_bytes_total{virtual_server="web",real_server="10.0.0.1:80"} 50',
  'lbctl_check_duration_seconds_bucket{check="HTTP_GET",result="ok",le="0.001"} 0',
  'lbctl_check_duration_seconds_bucket{check="HTTP_GET",result="ok",le="10"} 3',
  'lbctl_check_duration_seconds_bucket{check="HTTP_GET",result="ok",le="+Inf"} 4',
  'lbctl_check_duration_seconds_sum{check="HTTP_GET",result="ok"} 20.006',
  'lbctl_check_duration_seconds_count{check="HTTP_GET",result="ok"} 4',
  'lbctl_vrrp_other_master_seen_total{vrrp_instance="VI_1"} 2',
  'lbctl_vrrp_rejected_adverts_total{vrrp_instance="VI_1",cause="checksum"} 3',
  'lbctl_bfd_session_down_total{name="peer",neighbor="192.0.2.2"} 2',
  'lbctl_reloads_total{result="refused"} 1',
  "lbctl_last_reload_successful 0",
  "lbctl_drift_repaired_total 6",
  'lbctl_overrides{kind="drained"} 1',
  'lbctl_events_total{event="real_server_changed"} 5',
  'lbctl_process_restarts_total{process="checker"} 1',
  'lbctl_process_cpu_seconds_total{process="checker"} 1.5',
  "keepalived_up 1",
  'keepalived_vrrp_state{iname="VI_1",intf="eth0",vrid="51",ip_address="192.0.2.100/24"} 2',
  'keepalived_advertisements_sent_total{iname="VI_1",intf="eth0",vrid="51"} 7',
  'keepalived_script_status{name="chk"} 0',
  'keepalived_script_state{name="chk"} 1',
  "node_ipvs_connections_total 10",
  'node_ipvs_backend_connections_active{local_address="192.0.2.1",local_port="80",remote_address="10.0.0.1",remote_port="80",proto="TCP",local_mark=""} 4',
])("%s", async (line) => {
  expect((await write()).split("\n")).toContain(line);
});

test("what is not known yet has no number", async () => {
  const text = await write();
  expect(text).not.toContain('keepalived_script_status{name="new"}');
  expect(text).not.toContain('real_server="10.0.0.2:80"} 50');
  expect(text).not.toContain('process="bfd"');
});

test("a firewall mark looks as in /proc/net/ip_vs, an IPv6 address as elsewhere", async () => {
  const { table } = sampleKnown();
  const [entry] = table;
  if (entry === undefined) throw new Error("the sample has no table");
  const key = { kind: "fwmark", family: "inet", fwmark: 0xab } as const;
  const text = await write("text", { table: [{ ...entry, service: { ...entry.service, key } }] });
  expect(text).toContain('node_ipvs_backend_weight{local_address="",local_port="0",remote_address="10.0.0.1"');
  expect(text).toContain('proto="FWM",local_mark="000000AB"}');
});

test("totals are IPVS's own where they can be read", async () => {
  const totals = { connections: 11, inPackets: 1, outPackets: 1, inBytes: 1, outBytes: 1 };
  expect(await write("text", { totals })).toContain("\nnode_ipvs_connections_total 11\n");
});

test("what a configuration says cannot break out of a label", async () => {
  const known = sampleKnown();
  const virtualAddresses = [{ instance: "VI_1", address: 'a"} 1\nforged 2', interface: "\\" }];
  const text = await write("text", { told: { ...known.told, virtualAddresses } });
  expect(text).toContain('ip_address="a\\"} 1\\nforged 2"} 2');
  expect(text).toContain('intf="\\\\"');
  expect(text).not.toMatch(/^forged/m);
});

test("OpenMetrics where it is asked for: counters by the name of their family, and an end", async () => {
  expect(formatFor("application/openmetrics-text;version=1.0.0,text/plain;q=0.5")).toBe("openmetrics");
  expect(formatFor("text/plain")).toBe("text");
  expect(formatFor(undefined)).toBe("text");
  const text = await write("openmetrics");
  expect(text).toContain("# TYPE lbctl_drift_repaired counter\nlbctl_drift_repaired_total 6\n");
  expect(text.endsWith("# EOF\n")).toBe(true);
  expect(await write("text")).toContain("# TYPE lbctl_drift_repaired_total counter\n");
});

test("two scrapes of the same say the same, whatever was remembered in between", async () => {
  const exposition = new Exposition("text");
  const first = await exposition.write(scrapeOf(input()));
  await exposition.write(scrapeOf(input({ table: [] })));
  expect(await exposition.write(scrapeOf(input()))).toBe(first);
});
