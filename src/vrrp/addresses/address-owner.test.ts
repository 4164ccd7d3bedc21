import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addVethPair, canMakeNamespaces, makeNamespace, type Namespace } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock as clock } from "../../director/system-clock.ts";
import { MemoryRecord } from "../../director/testing/memory-records.ts";
import type { AddressEvent } from "./address-event.ts";
import { AddressOwner } from "./address-owner.ts";
import { addressRecord } from "./file-record.ts";
import type { Holding } from "./holding.ts";
import { kernelNetwork } from "./kernel-network.ts";
import { type OwnershipRecord, parseOwnershipRecord } from "./ownership-record.ts";
import { holding, via, virtualAddress, virtualRoute, virtualRule } from "./testing/samples.ts";

describe.skipIf(!canMakeNamespaces)("the owner of addresses, with ip as the witness", () => {
  let namespace: Namespace;
  let record: MemoryRecord<OwnershipRecord>;
  let events: AddressEvent[];
  let putThere: string[];
  let owners: AddressOwner[];

  beforeEach(() => {
    namespace = makeNamespace();
    addVethPair(namespace, "eth0", "peer0");
    namespace.ip("addr add 192.0.2.1/24 dev eth0");
    namespace.ip("addr add fe80::1/64 dev eth0 nodad");
    record = new MemoryRecord("/run/lbctl/addresses.json");
    events = [];
    putThere = [];
    owners = [];
  });
  afterEach(async () => {
    for (const owner of owners) await owner.stop({ keep: true });
    namespace.delete();
  });

  const start = () => {
    const network = kernelNetwork(namespace.path);
    const onPutThere = (holders: readonly string[]) => putThere.push(...holders);
    const owner = new AddressOwner({ network, record, clock, onEvents: (batch) => events.push(...batch), onPutThere });
    owners.push(owner);
    return owner;
  };
  /** Addresses but those of the set-up. */
  const addresses = (on = "eth0") => {
    const listed = namespace.ipJson(`addr show dev ${on}`)[0]?.addr_info ?? [];
    return (listed as { local: string; prefixlen: number }[])
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
      .filter((text) => text !== "192.0.2.1/24" && text !== "fe80::1/64")
      .sort();
  };
  const routes = () =>
    namespace.ip("route show table all proto 118").trim() + namespace.ip("-6 route show table all proto 118").trim();
  const rules = () =>
    namespace
      .ip("rule show")
      .split("\n")
      .filter((line) => line.includes("proto 118"));
  const eventually = (look: () => unknown) => expect.poll(look);
  const all: Holding = holding("VI_1", {
    addresses: [
      virtualAddress("192.0.2.50"),
      virtualAddress("192.0.2.60/24", { label: "eth0:vip" }),
      virtualAddress("2001:db8::5"),
      virtualAddress("2001:db8::6/64"),
    ],
    routes: [
      virtualRoute("10.9.0.0/16", { nexthops: [via("192.0.2.3")] }),
      virtualRoute("10.8.0.0/16", { type: "blackhole" }),
      virtualRoute("2001:db8:9::/48", { nexthops: [via("fe80::9", { interface: "eth0" })], table: 100 }),
    ],
    rules: [virtualRule({ from: { address: "10.9.0.0", prefixLength: 16 } })],
  });
  const everything = ["192.0.2.50/32", "192.0.2.60/24", "2001:db8::5/128", "2001:db8::6/64"];

  test("everything is there when it returns from take, and gone when it returns from release", async () => {
    const owner = start();
    await owner.configure([all]);
    expect(addresses()).toEqual([]);
    owner.take("VI_1");
    expect(addresses()).toEqual(everything);
    expect(namespace.ipJson("addr show dev eth0")[0]?.addr_info).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ local: "192.0.2.60", label: "eth0:vip", secondary: true }),
        expect.objectContaining({ local: "2001:db8::5", nodad: true, deprecated: true }),
      ]),
    );
    expect(routes()).toContain("blackhole 10.8.0.0/16");
    expect(routes()).toContain("10.9.0.0/16 via 192.0.2.3 dev eth0");
    expect(routes()).toContain("2001:db8:9::/48 via fe80::9 dev eth0 table 100");
    expect(rules()).toEqual(["16384:\tfrom 10.9.0.0/16 lookup 7 proto 118"]);
    await eventually(() => owner.objectsOf("VI_1").every(({ present }) => present)).toBe(true);
    owner.release("VI_1");
    expect(addresses()).toEqual([]);
    expect(routes()).toBe("");
    expect(rules()).toEqual([]);
    await eventually(() => owner.objectsOf("VI_1").some(({ present }) => present)).toBe(false);
    expect(events).toEqual([]);
  });

  test("what somebody takes away is put back at once; no_track stays away until the next take", async () => {
    const owner = start();
    const untracked = virtualAddress("192.0.2.70", { tracking: { kind: "none" } });
    await owner.configure([{ ...all, addresses: [...all.addresses, untracked] }]);
    owner.take("VI_1");
    await eventually(() => owner.objectsOf("VI_1").every(({ present }) => present)).toBe(true);
    expect(putThere).toEqual([]);
    namespace.ip("addr del 192.0.2.60/24 dev eth0");
    await eventually(() => addresses()).toContain("192.0.2.60/24");
    await eventually(() => putThere).toEqual(["VI_1"]);
    namespace.ip("route del 10.9.0.0/16");
    namespace.ip("rule del from 10.9.0.0/16");
    await eventually(routes).toContain("10.9.0.0/16 via 192.0.2.3");
    await eventually(rules).toHaveLength(1);
    expect(events).toContainEqual({ type: "restored", holder: "VI_1", object: "address 192.0.2.60/24 dev eth0" });
    expect(putThere).toEqual(["VI_1"]);
    namespace.ip("addr del 192.0.2.70/32 dev eth0");
    const leftAway = { type: "left_away", holder: "VI_1", object: "address 192.0.2.70/32 dev eth0" };
    await eventually(() => events).toContainEqual(leftAway);
    expect(addresses()).not.toContain("192.0.2.70/32");
    owner.take("VI_1");
    expect(addresses()).toContain("192.0.2.70/32");
  });

  test("a flush of everything, as networkd does it, is repaired", async () => {
    const owner = start();
    await owner.configure([all]);
    owner.take("VI_1");
    await eventually(() => owner.objectsOf("VI_1").every(({ present }) => present)).toBe(true);
    namespace.ip("addr flush dev eth0");
    await eventually(() => addresses()).toEqual(everything);
    namespace.ip("addr add 192.0.2.1/24 dev eth0");
    await eventually(routes).toContain("10.9.0.0/16 via 192.0.2.3");
  });

  test("a link that goes down and up again drops its IPv6 addresses: they come back", async () => {
    const owner = start();
    await owner.configure([all]);
    owner.take("VI_1");
    namespace.ip("link set eth0 down");
    namespace.ip("link set eth0 up");
    await eventually(() => addresses()).toEqual(everything);
    await eventually(routes).toContain("10.9.0.0/16 via 192.0.2.3");
    await eventually(() => owner.objectsOf("VI_1").every(({ present }) => present)).toBe(true);
  });

  test("a link that is deleted and made again gets its addresses", async () => {
    const owner = start();
    await owner.configure([all]);
    owner.take("VI_1");
    namespace.ip("link del eth0");
    await eventually(() => events).toContainEqual(
      expect.objectContaining({ type: "interface_missing", interface: "eth0", object: "address 192.0.2.50" }),
    );
    expect(owner.objectsOf("VI_1")).toContainEqual({ object: "address 192.0.2.50", present: false });
    addVethPair(namespace, "eth0", "peer0");
    namespace.ip("addr add 192.0.2.1/24 dev eth0");
    await eventually(() => addresses()).toEqual(everything);
    await eventually(routes).toContain("10.9.0.0/16 via 192.0.2.3");
  });

  test("what is not ours is left alone, whatever happens", async () => {
    namespace.ip("addr add 192.0.2.80/32 dev eth0");
    namespace.ip("route add 10.7.0.0/16 via 192.0.2.3 proto static");
    namespace.ip("rule add from 10.7.0.0/16 table 9");
    const owner = start();
    await owner.configure([all]);
    owner.take("VI_1");
    owner.release("VI_1");
    await owner.stop({ keep: false });
    expect(addresses()).toEqual(["192.0.2.80/32"]);
    expect(namespace.ip("route show 10.7.0.0/16")).toContain("via 192.0.2.3");
    expect(namespace.ip("rule show")).toContain("from 10.7.0.0/16");
  });

  test("an address of the configuration that was there by hand is ours: a backup does not have it", async () => {
    namespace.ip("addr add 192.0.2.50/32 dev eth0");
    const owner = start();
    await owner.configure([all]);
    expect(addresses()).toEqual([]);
    expect(events).toEqual([{ type: "cleaned", object: "address 192.0.2.50/32 dev eth0" }]);
    owner.take("VI_1");
    await owner.stop({ keep: false });
    expect(addresses()).toEqual([]);
    expect(record.content).toBeNull();
  });

  test("a successor adopts what is undecided, and cleans what nobody has any more, marked or on record", async () => {
    const before = start();
    const dropped = holding("VI_2", {
      addresses: [virtualAddress("192.0.2.90")],
      routes: [virtualRoute("10.6.0.0/16", { type: "blackhole", protocol: 42 })],
    });
    await before.configure([all, dropped]);
    before.take("VI_1");
    before.take("VI_2");
    // As if killed: nothing is taken away.
    await before.stop({ keep: true });
    const owner = start();
    await owner.configure([all], () => true);
    // Its mark says that the address is ours; the route has a protocol of somebody else's, and only the record tells.
    expect(namespace.ip("route show proto 42")).toBe("");
    expect(owner.stateOf("VI_1")).toBe("undecided");
    expect(addresses()).toEqual(everything);
    owner.take("VI_1");
    expect(addresses()).toEqual(everything);
    expect(events.map(({ type }) => type)).not.toContain("restored");
    await owner.stop({ keep: false });
    expect(addresses()).toEqual([]);
  });

  test("killed: everything stays, and a successor that finds another configuration adopts and cleans", async () => {
    const runDir = await mkdtemp(join(tmpdir(), "lbctl-addresses-"));
    const dropped = holding("VI_2", { routes: [virtualRoute("10.6.0.0/16", { type: "blackhole", protocol: 42 })] });
    const script = join(import.meta.dirname, "testing/hold-addresses.ts");
    const child = spawn(
      "ip",
      ["netns", "exec", namespace.name, process.execPath, script, runDir, JSON.stringify([all, dropped])],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await once(child.stdout, "data");
    expect(addresses()).toEqual(everything);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(addresses()).toEqual(everything);
    const owner = new AddressOwner({
      network: kernelNetwork(namespace.path),
      record: addressRecord(runDir, "test"),
      clock,
      onEvents: (batch) => events.push(...batch),
    });
    owners.push(owner);
    await owner.configure([all], () => true);
    expect(addresses()).toEqual(everything);
    expect(namespace.ip("route show proto 42")).toBe("");
    expect(events).toEqual([{ type: "cleaned", object: expect.stringContaining("10.6.0.0/16") }]);
    owner.release("VI_1");
    expect(addresses()).toEqual([]);
    await rm(runDir, { recursive: true });
  });

  test("a reload takes away what a holder in force no longer has, and adds what is new", async () => {
    const owner = start();
    await owner.configure([all]);
    owner.take("VI_1");
    await owner.configure([
      holding("VI_1", { addresses: [virtualAddress("192.0.2.50"), virtualAddress("192.0.2.51")] }),
    ]);
    expect(addresses()).toEqual(["192.0.2.50/32", "192.0.2.51/32"]);
    expect(routes()).toBe("");
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["withdrawn"]));
    expect(record.content).toEqual(["address 192.0.2.50/32 dev eth0", "address 192.0.2.51/32 dev eth0"]);
  });

  test("the first of a network goes and takes its secondaries along: they are put back", async () => {
    namespace.run(
      "sysctl",
      "-qw",
      "net.ipv4.conf.eth0.promote_secondaries=0",
      "net.ipv4.conf.all.promote_secondaries=0",
    );
    const owner = start();
    const vip = (n: number) => virtualAddress(`198.51.100.${n}/24`);
    await owner.configure([holding("one", { addresses: [vip(1)] }), holding("two", { addresses: [vip(2), vip(3)] })]);
    owner.take("one");
    owner.take("two");
    owner.release("one");
    await eventually(() => addresses()).toEqual(["198.51.100.2/24", "198.51.100.3/24"]);
  });

  test("what the kernel refuses is told once, tried again, and told no more when it works", async () => {
    const owner = start();
    const route = virtualRoute("10.9.0.0/16", { nexthops: [via("203.0.113.9")] });
    await owner.configure([holding("VI_1", { routes: [route] })]);
    owner.take("VI_1");
    await eventually(() => events.filter(({ type }) => type === "refused")).toHaveLength(1);
    expect(events[0]).toMatchObject({
      message: expect.stringContaining("ENETUNREACH: no interface reaches the gateway"),
    });
    namespace.ip("addr add 203.0.113.1/24 dev eth0");
    await eventually(routes).toContain("10.9.0.0/16 via 203.0.113.9");
    expect(events).toHaveLength(1);
  });

  test("a record that cannot be written is told, and does not keep a master from its addresses", async () => {
    record.failure = "ENOSPC";
    const owner = start();
    await owner.configure([all]);
    owner.take("VI_1");
    expect(addresses()).toEqual(everything);
    expect(events).toContainEqual({ type: "record_failed", call: "write", file: record.path, message: "ENOSPC" });
  });
});

describe("the record", () => {
  test.each([null, {}, [1], ["x"], ["address"], [["address a"]]])(
    "refuses what we would not have written: %j",
    (content) => {
      expect(() => parseOwnershipRecord(content)).toThrow();
    },
  );

  test("takes what we write", () => {
    const content = ["address 192.0.2.50/32 dev eth0", "rule inet priority 5 table 7"];
    expect(parseOwnershipRecord(content)).toEqual(content);
  });
});
