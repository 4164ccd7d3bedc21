import { describe, expect, test } from "vitest";
import type { BfdModel } from "../bfd-model.ts";
import { formatDiagnostic } from "../format-diagnostic.ts";
import { parseConfig } from "../parse-config.ts";

/** A session with 192.0.2.2, or what is given instead, and more blocks. */
const sessionText = (settings: string, more = "", neighbor = "192.0.2.2") =>
  `bfd_instance peer {\n neighbor_ip ${neighbor}\n ${settings}\n}\n${more}`;

function load(settings: string, more?: string, neighbor?: string) {
  const result = parseConfig(sessionText(settings, more, neighbor), "x.conf");
  if (!result.ok) throw new Error(result.diagnostics.map((each) => formatDiagnostic(each)).join("\n"));
  return result;
}

const session = (settings: string, neighbor?: string) =>
  load(settings, "", neighbor).bfd.instances[0] as BfdModel["instances"][number];

/** Code and message of what is wrong. */
function complaints(settings: string, more?: string, neighbor?: string): string[] {
  const result = parseConfig(sessionText(settings, more, neighbor), "x.conf");
  return (result.ok ? result.warnings : result.diagnostics).map(({ code, message }) => `${code}: ${message}`);
}

const tracking =
  "vrrp_instance VI {\n interface eth0\n virtual_router_id 1\n priority 90\n track_bfd {\n peer\n }\n virtual_ipaddress {\n 192.0.2.9/24\n }\n}\n";
const checking = (inside = "BFD_CHECK {\n name peer\n }") =>
  `virtual_server 192.0.2.10 80 {\n protocol TCP\n real_server 10.0.0.1 80 {\n ${inside}\n }\n}\n`;

test("defaults are keepalived's, but for the hop limit that is sent over IPv6", () => {
  expect(session("")).toEqual({
    name: "peer",
    family: "inet",
    neighbor: "192.0.2.2",
    source: null,
    multihop: false,
    minTxUs: 10_000,
    minRxUs: 10_000,
    idleTxUs: 1_000_000,
    multiplier: 5,
    passive: false,
    ttl: 255,
    leastTtl: 255,
    tells: { vrrp: true, checker: true },
  });
  expect(session("", "2001:db8::2")).toMatchObject({ family: "inet6", ttl: 255, leastTtl: 64 });
});

test("every setting", () => {
  const text =
    "source_ip 192.0.2.1\n min_rx 3.312\n min_tx 20\n idle_tx 1500\n multiplier 3\n passive\n multihop\n vrrp";
  expect(session(text)).toEqual({
    ...session(""),
    ...{ source: "192.0.2.1", minRxUs: 3312, minTxUs: 20_000, idleTxUs: 1_500_000, multiplier: 3 },
    ...{ passive: true, multihop: true, leastTtl: 0, tells: { vrrp: true, checker: false } },
  });
});

// keepalived 2.2.7 on the wire: a packet counts from its own ttl less max_hops on, and ttl and hoplimit are one setting.
test.each([
  ["ttl 64", "192.0.2.2", 64, 64],
  ["hoplimit 10", "192.0.2.2", 10, 10],
  ["ttl 64\n max_hops 5", "192.0.2.2", 64, 59],
  ["max_hops 1", "192.0.2.2", 255, 254],
  ["max_hops 255", "192.0.2.2", 255, 0],
  ["max_hops -1", "192.0.2.2", 255, 0],
  ["hoplimit 255", "2001:db8::2", 255, 255],
  ["max_hops 4", "2001:db8::2", 255, 60],
  ["multihop\n max_hops 3", "192.0.2.2", 255, 252],
  ["multihop", "192.0.2.2", 255, 0],
])("%s to %s: sent with %d, taken from %d on", (settings, neighbor, ttl, leastTtl) => {
  expect(session(settings, neighbor)).toMatchObject({ ttl, leastTtl });
  expect(complaints(settings, "", neighbor)).toEqual([]);
});

describe("what keepalived complains of", () => {
  test.each([
    ["source_ip 2001:db8::1", "", /^family-mismatch/],
    ["", sessionText("").replace("peer", "other"), /^duplicate-reference: 192\.0\.2\.2 is the neighbour of .* peer/],
    ["", sessionText("").replace(".2.2", ".2.3"), /^duplicate-name: another bfd_instance is called peer/],
    ["max_hops 100\n ttl 10", "", /^corrected-setting: max_hops 100 is above the ttl 10/],
    ["checker", tracking, /^unknown-reference: bfd_instance peer tells checkers only/],
    ["vrrp", checking(), /^unknown-reference: bfd_instance peer tells VRRP only/],
    ["", checking("BFD_CHECK {\n name other\n }"), /^unknown-reference: there is no bfd_instance other/],
    [
      "",
      checking("BFD_CHECK {\n name peer\n }\n BFD_CHECK {\n name peer\n }"),
      /^duplicate-reference: .* peer already/,
    ],
  ])("%s %s", (settings, more, complaint) => {
    expect(complaints(settings, more)).toEqual([expect.stringMatching(complaint)]);
  });

  test("a session without a neighbour", () => {
    const result = parseConfig("bfd_instance peer {\n min_tx 20\n}\n", "x.conf");
    const codes = result.ok ? [] : result.diagnostics.map(({ code }) => code);
    expect(codes).toEqual(["missing-keyword"]);
  });
});

test("a file of sessions alone is a configuration", () => {
  expect(complaints("")).toEqual([]);
});

test("a check of a session is told: nothing of it is timed, and alpha is inherited", () => {
  const { model } = load("", checking().replace("protocol TCP", "protocol TCP\n alpha"));
  const check = model.virtualServers[0]?.realServers[0]?.checks[0];
  expect(check).toMatchObject({ spec: { type: "BFD_CHECK", session: "peer" }, alpha: true, timing: { retry: 0 } });
});

test("the process of the sessions has settings of its own", () => {
  const globals = "global_defs {\n bfd_process_name b\n bfd_rt_priority 3\n bfd_no_swap\n bfd_cpu_affinity 0 1\n}\n";
  const priority = globals.replace("bfd_rt_priority 3", "bfd_priority -5");
  expect(load("", globals).bfd.process).toMatchObject({
    name: "b",
    realTimePriority: 3,
    noSwap: true,
    cpuAffinity: [0, 1],
  });
  expect(load("", priority).bfd.process).toMatchObject({ nice: -5, realTimePriority: null });
});

test("weights of sessions are those of who tracks them without one", () => {
  const { vrrp } = load("weight -20 reverse", tracking);
  expect(vrrp.instances[0]?.tracks.bfds).toEqual([{ name: "peer", weight: -20, reverse: true }]);
  const group = tracking.replace("track_bfd {\n peer\n }", "");
  const tracked = load(
    "weight 5",
    `${group}vrrp_sync_group G {\n group {\n VI\n }\n track_bfd {\n peer weight 7\n }\n}\n`,
  );
  expect(tracked.vrrp.syncGroups[0]?.tracks.bfds).toEqual([{ name: "peer", weight: 7, reverse: false }]);
});
