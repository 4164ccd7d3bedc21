import { canMakeNamespaces, makeNamespace, type Namespace } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defaultIpvsSettings, type Marking } from "../config/ipvs-model.ts";
import type { Model } from "../config/model.ts";
import { parseConfig } from "../config/parse-config.ts";
import { NftError } from "../nft/nft.ts";
import { nftProgram } from "../nft/nft-program.ts";
import { markRuleset } from "./mark-ruleset.ts";
import { PacketMarker } from "./packet-marker.ts";

function modelOf(members: readonly string[], globals = "nftables_ipvs: "): Model {
  const result = parseConfig(
    `global_defs: {${globals}}
virtual_server_group: {name: web, members: [${members.map((each) => JSON.stringify(each)).join(", ")}]}
virtual_server:
  - {group: web, protocol: TCP, lb_kind: TUN, real_server: {address: 10.0.0.11}}
  - {group: web, protocol: UDP, lb_kind: TUN, real_server: {address: 10.0.0.12}}
`,
    "x.yaml",
  );
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.model;
}

describe.skipIf(!canMakeNamespaces)("the marker of packets, with nft and packets as witnesses", () => {
  let here: Namespace;
  let peer: Namespace;
  let logs: string[];
  let timers: (() => void)[];
  let marker: PacketMarker;

  beforeEach(() => {
    here = makeNamespace();
    peer = makeNamespace();
    here.ip(`link add name eth0 type veth peer name eth0 netns ${peer.name}`);
    here.ip("link set eth0 up");
    peer.ip("link set eth0 up");
    here.ip("addr add 192.0.2.1/24 dev eth0");
    peer.ip("addr add 192.0.2.2/24 dev eth0");
    peer.ip("addr add 2001:db8::2/64 dev eth0 nodad");
    for (const vip of ["192.0.2.10", "192.0.2.15"]) here.ip(`addr add ${vip}/32 dev eth0`);
    here.ip("addr add 2001:db8::10/64 dev eth0 nodad");
    // A witness behind our chain: which mark packets to a port have.
    here.run("nft", "add table inet witness");
    here.run("nft", "add chain inet witness in { type filter hook input priority 0; }");
    logs = [];
    timers = [];
    marker = newMarker();
  });
  afterEach(async () => {
    await marker.stop("keep");
    here.delete();
    peer.delete();
  });

  const newMarker = () =>
    new PacketMarker({
      nft: nftProgram(["ip", "netns", "exec", here.name]),
      setTimer: (callback) => {
        timers.push(callback);
        return () => {
          timers = timers.filter((each) => each !== callback);
        };
      },
      onLog: (_severity, message) => logs.push(message),
    });
  const tables = () => here.run("nft", "list", "tables").trim().split("\n").sort();
  /** Sends a packet from the other side (or here), and answers the mark that it had on its way in. */
  const markOf = async (protocol: "tcp" | "udp", address: string, port: number, from: Namespace = peer) => {
    const at = address.includes(":") ? "ip6" : "ip";
    here.run("nft", "flush chain inet witness in");
    here.run("nft", "add set inet witness marks { type mark; flags dynamic; size 16; }");
    here.run("nft", "flush set inet witness marks");
    here.run(
      "nft",
      `add rule inet witness in ${at} daddr ${address} ${protocol} dport ${port} add @marks { meta mark }`,
    );
    const connect = `/dev/${protocol}/${address}/${port}`;
    from.run("bash", "-c", `(echo x > ${connect}) 2>/dev/null || true`);
    const seen = () => {
      const marks = here.run("nft", "--json", "list", "set", "inet", "witness", "marks");
      const { nftables } = JSON.parse(marks) as { nftables: { set?: { elem?: number[] } }[] };
      return nftables.flatMap(({ set }) => set?.elem ?? []);
    };
    await expect.poll(seen, { timeout: 30_000 }).toHaveLength(1);
    return seen()[0];
  };

  test("packets of a group have the mark of their virtual server: by protocol, port and family, from outside and from here", async () => {
    await marker.configure(modelOf(["192.0.2.10-12 80", "2001:db8::10 80", "192.0.2.15"]));
    expect(logs).toEqual([]);
    expect(await markOf("tcp", "192.0.2.10", 80)).toBe(1000);
    expect(await markOf("udp", "192.0.2.10", 80)).toBe(1001);
    expect(await markOf("tcp", "2001:db8::10", 80)).toBe(1000);
    expect(await markOf("tcp", "192.0.2.10", 81)).toBe(0);
    expect(await markOf("tcp", "192.0.2.15", 81)).toBe(1000);
    expect(await markOf("tcp", "192.0.2.1", 80)).toBe(0);
    expect(await markOf("udp", "192.0.2.10", 80, here)).toBe(1001);
    await marker.stop("remove");
    expect(await markOf("tcp", "192.0.2.10", 80)).toBe(0);
    expect(tables()).toEqual(["table inet witness"]);
  });

  test("a reload replaces them in one transaction; what others have in nftables stays", async () => {
    await marker.configure(modelOf(["192.0.2.10 80"]));
    await marker.configure(modelOf(["192.0.2.15 80"], "nftables_ipvs: marks, nftables_ipvs_start_fwmark: 7"));
    expect(tables()).toEqual(["table inet witness", "table ip marks"]);
    expect(await markOf("tcp", "192.0.2.15", 80)).toBe(7);
    expect(await markOf("tcp", "192.0.2.10", 80)).toBe(0);
    await marker.configure(modelOf(["192.0.2.15 80"], ""));
    expect(tables()).toEqual(["table inet witness"]);
  });

  test("what somebody flushed is back at the next look; a successor finds the table, or removes it", async () => {
    const look = async () => {
      const due = timers;
      timers = [];
      for (const callback of due) callback();
      await marker.configure(modelOf(["192.0.2.10 80"]));
    };
    await marker.configure(modelOf(["192.0.2.10 80"]));
    here.run("nft", "delete table ip lbctl_ipvs");
    await look();
    expect(await markOf("tcp", "192.0.2.10", 80)).toBe(1000);
    expect(logs).toEqual(["nftables table lbctl_ipvs was changed by somebody else and is as it was"]);
    await look();
    expect(logs).toHaveLength(1);
    await marker.stop("keep");
    expect(await markOf("tcp", "192.0.2.10", 80)).toBe(1000);
    marker = newMarker();
    await marker.configure(modelOf(["192.0.2.10 80"], ""));
    expect(tables()).toEqual(["table inet witness"]);
  });

  test("a thousand addresses of a range are one element", async () => {
    await marker.configure(modelOf(["10.0.0.0/8 80", "10.255.0.0-11.0.0.9 80"]));
    expect(here.run("nft", "list", "map", "ip", "lbctl_ipvs", "one_port")).toContain(
      "10.0.0.0-11.0.0.9 . tcp . 80 : 0x000003e8",
    );
  });
});

test("what nft refuses, or where it is missing, is told once and tried again", async () => {
  const logs: string[] = [];
  const inputs: string[] = [];
  const nft = async (words: readonly string[], input: string) => {
    if (words[0] === "-f") inputs.push(input);
    throw new NftError("absent", "the program nft is missing: install nftables");
  };
  let again: () => void = () => {};
  const setTimer = (callback: () => void) => {
    again = callback;
    return () => {};
  };
  const marker = new PacketMarker({ nft, setTimer, onLog: (_severity, message) => logs.push(message) });
  await marker.configure(modelOf(["192.0.2.10 80"], ""));
  expect([logs, inputs]).toEqual([[], []]);
  await marker.configure(modelOf(["192.0.2.10 80"]));
  again();
  await marker.stop("remove");
  expect(inputs).toHaveLength(2);
  expect(logs).toEqual([
    "nftables_ipvs: packets get no marks, and their services no packets: the program nft is missing: install nftables",
  ]);
});

test("the text", () => {
  expect(defaultIpvsSettings.marks).toBeNull();
  const marking: Marking = {
    mark: 1000,
    protocol: "TCP",
    destinations: [
      { first: "192.0.2.1", last: "192.0.2.20", port: 80 },
      { first: "2001:db8::1", last: "2001:db8::1", port: null },
    ],
  };
  expect(markRuleset([marking], { table: "t", priority: 0 })).toMatchInlineSnapshot(`
    "add table ip t
    delete table ip t
    add table ip6 t
    delete table ip6 t
    table ip t {
      map one_port {
        type ipv4_addr . inet_proto . inet_service : mark; flags interval;
        elements = {
          192.0.2.1-192.0.2.20 . tcp . 80 : 1000
        }
      }
      chain prerouting {
        type filter hook prerouting priority 0; policy accept;
        meta mark set ip daddr . meta l4proto . th dport map @one_port
      }
      chain output {
        type filter hook output priority -150; policy accept;
        meta mark set ip daddr . meta l4proto . th dport map @one_port
      }
    }
    table ip6 t {
      map every_port {
        type ipv6_addr . inet_proto : mark; flags interval;
        elements = {
          2001:db8::1 . tcp : 1000
        }
      }
      chain prerouting {
        type filter hook prerouting priority 0; policy accept;
        meta mark set ip6 daddr . meta l4proto map @every_port
      }
      chain output {
        type filter hook output priority -150; policy accept;
        meta mark set ip6 daddr . meta l4proto map @every_port
      }
    }
    "
  `);
  expect(markRuleset([], { table: "t", priority: 0 })).not.toContain("chain");
});
