import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addVethPair, canMakeNamespaces, makeNamespace, type Namespace } from "../testing/namespace.ts";
import { RtnetlinkClient } from "./client.ts";
import { type NetworkEvent, RtnetlinkMonitor } from "./monitor.ts";

describe.skipIf(!canMakeNamespaces)("the monitor", () => {
  let namespace: Namespace;
  let monitor: RtnetlinkMonitor | undefined;
  let eth: number;
  let events: NetworkEvent[];

  beforeEach(() => {
    namespace = makeNamespace();
    [eth] = addVethPair(namespace, "eth0", "peer0");
    events = [];
  });
  afterEach(() => {
    monitor?.close();
    namespace.delete();
  });

  const open = (more: Partial<Parameters<typeof RtnetlinkMonitor.open>[0]> = {}) => {
    monitor = RtnetlinkMonitor.open({
      netns: namespace.path,
      about: ["link", "address", "route", "rule"],
      onEvents: (batch) => events.push(...batch),
      onError: (error) => {
        throw error;
      },
      ...more,
    });
  };
  const until = (matching: Partial<Record<keyof NetworkEvent, unknown>> & Record<string, unknown>) =>
    expect.poll(() => events).toEqual(expect.arrayContaining([expect.objectContaining(matching)]));

  test("tells of links, addresses, routes and rules that come and go", async () => {
    open();
    const of = (what: Record<string, unknown>) => expect.objectContaining(what);
    namespace.ip("addr add 192.0.2.1/24 dev eth0");
    await until({ kind: "address", address: of({ address: "192.0.2.1", interface: eth }) });
    namespace.ip("route add 10.1.0.0/16 via 192.0.2.9 proto 118");
    await until({
      kind: "route",
      route: of({ destination: { address: "10.1.0.0", prefixLength: 16 }, protocol: 118 }),
    });
    namespace.ip("rule add from 10.1.0.0/16 table 7");
    await until({ kind: "rule", rule: of({ from: { address: "10.1.0.0", prefixLength: 16 } }) });
    namespace.ip("rule del from 10.1.0.0/16 table 7");
    await until({ kind: "rule-gone" });
    namespace.ip("route del 10.1.0.0/16");
    await until({ kind: "route-gone", route: of({ protocol: 118 }) });
    namespace.ip("addr del 192.0.2.1/24 dev eth0");
    await until({ kind: "address-gone", address: of({ address: "192.0.2.1" }) });
    namespace.ip("link set eth0 down");
    await until({ kind: "link", link: of({ name: "eth0", up: false }) });
    namespace.ip("link del eth0");
    await until({ kind: "link-gone", link: of({ index: eth }) });
  });

  test("says whose change it was", async () => {
    open();
    const client = RtnetlinkClient.open({ netns: namespace.path });
    const address = {
      interface: eth,
      address: "192.0.2.1",
      prefixLength: 32,
      peer: null,
      scope: 0,
      broadcast: null,
      label: null,
      preferredLifetimeS: null,
      validLifetimeS: null,
      flags: [],
      protocol: null,
    };
    expect(client.apply([{ kind: "new-address", address }])).toEqual([{ ok: true }]);
    await until({ kind: "address", by: client.portId });
    namespace.ip("addr flush dev eth0");
    await until({ kind: "address-gone", by: expect.not.stringMatching(String(client.portId)) });
    expect(events.filter(({ kind }) => kind === "address-gone")).not.toContainEqual(
      expect.objectContaining({ by: client.portId }),
    );
    client.close();
  });

  test("routes of other protocols are left out", async () => {
    open({ about: ["route"], routeProtocols: [118] });
    namespace.ip("route add blackhole 10.1.0.0/16 proto 119");
    namespace.ip("route add blackhole 10.2.0.0/16 proto 118");
    await until({ kind: "route" });
    expect(events).toHaveLength(1);
    expect(events).toMatchObject([{ route: { destination: { address: "10.2.0.0" } } }]);
  });

  test("a receive buffer that was too small asks for a new look, and listening goes on", async () => {
    open({ about: ["route"], receiveBufferBytes: 4096 });
    const client = RtnetlinkClient.open({ netns: namespace.path });
    namespace.run("sh", "-c", "for i in $(seq 1 200); do echo route add blackhole 10.1.$i.0/24; done | ip -batch -");
    await until({ kind: "resync" });
    events.length = 0;
    namespace.ip("route add blackhole 10.9.0.0/16");
    await until({
      kind: "route",
      route: expect.objectContaining({ destination: { address: "10.9.0.0", prefixLength: 16 } }),
    });
    client.close();
  });
});
