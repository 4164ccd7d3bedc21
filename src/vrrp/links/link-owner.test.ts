import { RtnetlinkClient } from "ipvs-netlink";
import { canMakeNamespaces, makeNamespace, type Namespace } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryRecord } from "../../director/testing/memory-records.ts";
import { link } from "../addresses/testing/samples.ts";
import { linkDifference } from "./link-diff.ts";
import type { LinkEvent } from "./link-event.ts";
import { LinkOwner, type Sysctls } from "./link-owner.ts";
import { type LinkRecord, parseLinkRecord } from "./link-record.ts";
import { restorations, sysctlsFor } from "./link-sysctls.ts";
import type { PlannedLink } from "./planned-link.ts";
import { namespaceSysctls } from "./testing/namespace-sysctls.ts";

const vmac: PlannedLink = {
  holder: "VI_1",
  name: "vrrp.51",
  base: "eth0",
  family: "inet",
  inet6: false,
  kind: { kind: "macvlan", mac: "00:00:5e:00:01:33" },
  sends: true,
};
const vmac6: PlannedLink = {
  ...vmac,
  name: "vrrp6.51",
  family: "inet6",
  inet6: true,
  kind: { kind: "macvlan", mac: "00:00:5e:00:02:33" },
};

describe.skipIf(!canMakeNamespaces)("the owner of links", () => {
  let namespace: Namespace;
  let peer: Namespace;
  let client: RtnetlinkClient;
  let sysctls: Sysctls;
  let record: MemoryRecord<LinkRecord>;
  let events: LinkEvent[];

  beforeEach(() => {
    namespace = makeNamespace();
    peer = makeNamespace();
    client = RtnetlinkClient.open({ netns: namespace.path });
    sysctls = namespaceSysctls(namespace);
    record = new MemoryRecord("/run/lbctl/links.json");
    events = [];
    makeEth0();
  });
  afterEach(() => {
    client.close();
    namespace.delete();
    peer.delete();
  });

  function makeEth0(): void {
    namespace.ip(`link add name eth0 type veth peer name eth0 netns ${peer.name}`);
    namespace.ip("link set eth0 addrgenmode none up");
    namespace.ip("addr add 192.0.2.1/24 dev eth0");
    namespace.ip("addr add fe80::1/64 dev eth0 nodad");
    peer.ip("link set eth0 up");
    peer.ip("addr add 192.0.2.2/24 dev eth0");
  }
  const start = () => new LinkOwner({ client, sysctls, record, onEvents: (batch) => events.push(...batch) });
  const read = (path: string) => sysctls.read(path);
  const names = () => client.links().map(({ name }) => name);

  test("makes a VMAC that answers for its addresses with the virtual MAC, and nobody else does", async () => {
    const owner = start();
    await owner.configure([vmac]);
    expect(namespace.ipJson("link show vrrp.51")[0]).toMatchObject({
      link: "eth0",
      address: "00:00:5e:00:01:33",
      ifalias: "lbctl vrrp VI_1",
      inet6_addr_gen_mode: "none",
      linkinfo: { info_kind: "macvlan", info_data: { mode: "private" } },
      flags: expect.arrayContaining(["UP", "LOWER_UP"]),
    });
    expect(events).toEqual([{ type: "link_made", holder: "VI_1", link: "vrrp.51", base: "eth0" }]);
    namespace.ip("addr add 192.0.2.50/32 dev vrrp.51");
    peer.run("busybox", "ping", "-c", "1", "-W", "2", "192.0.2.50");
    expect(peer.ipJson("neigh show 192.0.2.50")).toMatchObject([{ lladdr: "00:00:5e:00:01:33" }]);
    // The interface below still answers for its own.
    peer.run("busybox", "ping", "-c", "1", "-W", "2", "192.0.2.1");
    expect(peer.ipJson("neigh show 192.0.2.1")[0]?.lladdr).not.toBe("00:00:5e:00:01:33");
    await owner.stop({ keep: false });
    expect(names()).toEqual(["lo", "eth0"]);
  });

  test("sysctls are set, are on record, and come back; what somebody else changed meanwhile stays", async () => {
    namespace.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1", "net.ipv4.conf.eth0.rp_filter=2");
    const before = ["ipv4/conf/eth0/arp_ignore", "ipv4/conf/lo/rp_filter", "ipv4/conf/default/rp_filter"].map(read);
    const owner = start();
    await owner.configure([vmac]);
    expect(read("ipv4/conf/all/rp_filter")).toBe("0");
    expect(read("ipv4/conf/default/rp_filter")).toBe("1");
    expect(read("ipv4/conf/eth0/rp_filter")).toBe("2");
    expect(read("ipv4/conf/vrrp.51/rp_filter")).toBe("0");
    expect(read("ipv4/conf/vrrp.51/accept_local")).toBe("1");
    expect(read("ipv4/conf/vrrp.51/arp_ignore")).toBe("1");
    expect(read("ipv4/conf/eth0/arp_ignore")).toBe("1");
    expect(read("ipv6/conf/vrrp.51/disable_ipv6")).toBe("1");
    expect(record.content).toMatchObject({ "ipv4/conf/all/rp_filter": { before: "1", ours: "0" } });
    // A successor after a crash knows the first values.
    const successor = start();
    namespace.run("sysctl", "-qw", "net.ipv4.conf.eth0.arp_filter=0");
    namespace.run("sysctl", "-qw", "net.ipv4.conf.lo.rp_filter=2");
    await successor.configure([vmac]);
    expect(read("ipv4/conf/eth0/arp_filter")).toBe("1");
    await successor.stop({ keep: false });
    expect(read("ipv4/conf/all/rp_filter")).toBe("1");
    expect(read("ipv4/conf/lo/rp_filter")).toBe("2");
    expect([read("ipv4/conf/eth0/arp_ignore"), read("ipv4/conf/default/rp_filter")]).toEqual([before[0], before[2]]);
    expect(record.content).toBeNull();
  });

  test("what the configuration asks for is set, and comes back when it does not ask any more", async () => {
    const igmp = { path: "ipv4/igmp_link_local_mcast_reports", value: "0" };
    const promote = { path: "ipv4/conf/eth0/promote_secondaries", value: "1" };
    const values = () => [igmp, promote].map(({ path }) => read(path));
    namespace.run("sysctl", "-qw", "net.ipv4.conf.eth0.promote_secondaries=0");
    const owner = start();
    await owner.configure([], [igmp, promote, { path: "ipv4/conf/later0/promote_secondaries", value: "1" }]);
    expect(values()).toEqual(["0", "1"]);
    expect(owner.hasWork).toBe(true);
    // An interface that comes later, and one that another has changed meanwhile.
    namespace.ip("link add later0 type veth peer name later1");
    await owner.check();
    expect(read("ipv4/conf/later0/promote_secondaries")).toBe("1");
    // A successor, with one of them only, beside a VMAC that needs others.
    const successor = start();
    await successor.configure([vmac], [igmp]);
    expect(values()).toEqual(["0", "0"]);
    expect(read("ipv4/conf/eth0/arp_ignore")).toBe("1");
    await successor.configure([vmac], []);
    expect(values()).toEqual(["1", "0"]);
    expect(read("ipv4/conf/eth0/arp_ignore")).toBe("1");
    await successor.configure([], []);
    expect(read("ipv4/conf/eth0/arp_ignore")).toBe("0");
    expect(successor.hasWork).toBe(false);
    expect(record.content).toBeNull();
  });

  test("for IPv6 it has the link-local address of the interface below, deprecated", async () => {
    await start().configure([vmac6]);
    const [shown] = namespace.ipJson("addr show vrrp6.51");
    expect(shown?.addr_info).toMatchObject([{ local: "fe80::1", prefixlen: 64, nodad: true, deprecated: true }]);
    expect(read("ipv6/conf/vrrp6.51/disable_ipv6")).toBe("0");
    expect(read("ipv6/conf/vrrp6.51/accept_ra")).toBe("0");
  });

  test("a successor adopts what fits, makes anew what does not, removes what nobody wants", async () => {
    const before = start();
    const other = { ...vmac, name: "vrrp.52", kind: { kind: "macvlan", mac: "00:00:5e:00:01:34" } } as const;
    await before.configure([vmac, other]);
    const index = client.link("vrrp.51")?.index;
    await before.stop({ keep: true });
    events.length = 0;
    const moved = { ...vmac, name: "vrrp.53" };
    await start().configure([vmac, moved].slice(0, 1));
    expect(client.link("vrrp.51")?.index).toBe(index);
    expect(names()).toEqual(["lo", "eth0", "vrrp.51"]);
    expect(events).toEqual([{ type: "link_removed", link: "vrrp.52" }]);
    await start().configure([{ ...vmac, kind: { kind: "macvlan", mac: "02:00:00:00:00:77" } }]);
    expect(client.link("vrrp.51")).toMatchObject({ mac: "02:00:00:00:00:77", up: true });
  });

  test("one that keepalived left is adopted; a stranger's is left alone, and told", async () => {
    namespace.ip("link add link eth0 name vrrp.51 address 00:00:5e:00:01:33 type macvlan mode private");
    namespace.ip("link add name vrrp6.51 type veth peer name other");
    const owner = start();
    await owner.configure([vmac, vmac6]);
    expect(events.map(({ type }) => type)).toEqual(["name_taken", "link_adopted"]);
    expect(client.link("vrrp6.51")).toMatchObject({ details: { name: "veth" }, alias: null });
    await owner.check();
    expect(events).toHaveLength(2);
    await owner.stop({ keep: false });
    expect(names().sort()).toEqual(["eth0", "lo", "other", "vrrp6.51"]);
  });

  test("the interface below goes and comes back", async () => {
    const owner = start();
    await owner.configure([vmac]);
    namespace.ip("link del eth0");
    await owner.check();
    await owner.check();
    expect(names()).toEqual(["lo"]);
    expect(events.filter(({ type }) => type === "base_missing")).toHaveLength(1);
    makeEth0();
    await owner.check();
    expect(client.link("vrrp.51")).toMatchObject({ up: true, mac: "00:00:5e:00:01:33" });
    expect(read("ipv4/conf/eth0/arp_ignore")).toBe("1");
  });
});

describe("the difference", () => {
  test("an ipvlan", () => {
    const kind = { kind: "ipvlan", isolation: "private", address: { address: "192.0.2.9", prefixLength: 24 } } as const;
    const eth0 = link(2, "eth0");
    const wanted: PlannedLink = { ...vmac, name: "ipvlan0", kind };
    const { steps } = linkDifference([wanted], [eth0]);
    expect(steps).toMatchObject([
      { create: { name: "ipvlan0", parent: 2, details: { kind: "ipvlan", mode: "l2", isolation: "private" } } },
    ]);
    const details = { kind: "ipvlan", mode: "l2", isolation: "private" } as const;
    const found = link(3, "ipvlan0", { parent: 2, details, alias: "lbctl vrrp VI_1" });
    expect(linkDifference([wanted], [eth0, found])).toEqual({ removals: [], steps: [], troubles: [] });
    expect(linkDifference([], [eth0, found]).removals).toEqual([{ kind: "del-link", index: 3 }]);
  });
});

describe("sysctls", () => {
  test("nothing is written where everything is so already, and nothing restored that another changed", () => {
    const values: Record<string, string> = {};
    const readValue = (path: string) => values[path] ?? null;
    expect(sysctlsFor([vmac], ["eth0"], readValue)).toEqual([]);
    values["ipv4/conf/eth0/arp_ignore"] = "0";
    expect(sysctlsFor([vmac], ["eth0"], readValue)).toEqual([
      { path: "ipv4/conf/eth0/arp_ignore", value: "1", restore: true },
    ]);
    const saved = { "ipv4/conf/eth0/arp_ignore": { before: "0", ours: "1" } };
    expect(restorations(saved, () => "2")).toEqual([]);
    expect(restorations(saved, () => "1")).toEqual([{ path: "ipv4/conf/eth0/arp_ignore", value: "0" }]);
  });

  test("IPv6 addresses on a VMAC are no router's where they would not be on the interface below", () => {
    const values: Record<string, string> = {
      ...{
        "ipv6/conf/eth0/forwarding": "1",
        "ipv6/conf/vrrp.51/forwarding": "0",
        "ipv6/conf/vrrp6.51/forwarding": "0",
      },
    };
    const written = () => sysctlsFor([vmac, vmac6], ["eth0"], (path) => values[path] ?? null);
    // Never 1: the kernel then drops the default routes that were learned, on every interface.
    expect(written()).toEqual([]);
    values["ipv6/conf/vrrp6.51/forwarding"] = "1";
    expect(written()).toEqual([]);
    values["ipv6/conf/eth0/forwarding"] = "0";
    expect(written()).toEqual([{ path: "ipv6/conf/vrrp6.51/forwarding", value: "0", restore: false }]);
  });

  test.each([
    null,
    [],
    { x: { before: "0", ours: "1" } },
    { "ipv4/conf/eth0/../../../kernel/panic": { before: "0", ours: "1" } },
    { "ipv4/conf/../arp_ignore": { before: "0", ours: "1" } },
    { "ipv4/conf/eth0/arp_ignore": { before: "0; rm", ours: "1" } },
    { "ipv4/conf/eth0/arp_ignore": { before: "0" } },
  ])("a record that we would not have written is refused: %j", (content) => {
    expect(() => parseLinkRecord(content)).toThrow();
  });
});
