import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { OperationResult } from "../table.ts";
import { addVethPair, canMakeNamespaces, makeNamespace, type Namespace } from "../testing/namespace.ts";
import { RtnetlinkClient } from "./client.ts";
import type { AddressEntry, AddressSettings } from "./ip-address.ts";
import type { Route } from "./route.ts";
import type { Rule } from "./rule.ts";

/**
 * iproute2 as the witness, both ways: what we write must look to `ip` exactly like what `ip` writes, and must read back
 * exactly the same.
 */
describe.skipIf(!canMakeNamespaces)("against ip", () => {
  let namespace: Namespace;
  let client: RtnetlinkClient;
  let eth: number;

  beforeAll(() => {
    namespace = makeNamespace();
    client = RtnetlinkClient.open({ netns: namespace.path });
    [eth] = addVethPair(namespace, "eth0", "peer0");
    namespace.ip("addr add 192.0.2.1/24 dev eth0");
    namespace.ip("addr add 2001:db8::1/64 dev eth0 nodad");
  });
  afterAll(() => {
    client.close();
    namespace.delete();
  });

  const allOk = (results: readonly OperationResult[]) => expect(results.filter((result) => !result.ok)).toEqual([]);

  // What the kernel adds in words differs from one to the next.
  const messages = (results: readonly OperationResult[]) =>
    results.map((result) => (result.ok ? "ok" : result.message.replace(/: the kernel says .*/, "")));

  describe("addresses", () => {
    const plain = (address: string, prefixLength: number): AddressSettings => ({
      interface: eth,
      address,
      prefixLength,
      peer: null,
      scope: 0,
      broadcast: null,
      label: null,
      preferredLifetimeS: null,
      validLifetimeS: null,
      flags: [],
      protocol: null,
    });
    const cases: Record<string, { line: string; settings: () => AddressSettings }> = {
      plain: { line: "198.51.100.1/32", settings: () => plain("198.51.100.1", 32) },
      "label, broadcast and scope": {
        line: "198.51.100.1/25 label eth0:vip broadcast 198.51.100.127 scope link",
        settings: () => ({ ...plain("198.51.100.1", 25), label: "eth0:vip", broadcast: "198.51.100.127", scope: 253 }),
      },
      peer: {
        line: "198.51.100.1 peer 198.51.100.9/32",
        settings: () => ({ ...plain("198.51.100.1", 32), peer: "198.51.100.9" }),
      },
      secondary: { line: "192.0.2.77/24", settings: () => plain("192.0.2.77", 24) },
      noprefixroute: {
        line: "198.51.100.1/24 noprefixroute",
        settings: () => ({ ...plain("198.51.100.1", 24), flags: ["noprefixroute"] }),
      },
      "IPv6 without duplicate address detection, deprecated": {
        line: "2001:db8:1::5/128 nodad preferred_lft 0",
        settings: () => ({ ...plain("2001:db8:1::5", 128), flags: ["nodad"], preferredLifetimeS: 0 }),
      },
      "IPv6 home, mngtmpaddr, noprefixroute": {
        line: "2001:db8:1::5/64 home nodad mngtmpaddr noprefixroute",
        settings: () => ({
          ...plain("2001:db8:1::5", 64),
          flags: ["home", "nodad", "mngtmpaddr", "noprefixroute"],
        }),
      },
      "IPv6 peer": {
        line: "2001:db8:1::5 peer 2001:db8:1::6/128 nodad",
        settings: () => ({ ...plain("2001:db8:1::5", 128), peer: "2001:db8:1::6", flags: ["nodad"] }),
      },
      lifetimes: {
        line: "198.51.100.1/32 valid_lft 5000 preferred_lft 4000",
        settings: () => ({ ...plain("198.51.100.1", 32), validLifetimeS: 5000, preferredLifetimeS: 4000 }),
      },
    };

    const entry = ({ address }: AddressSettings): AddressEntry | undefined =>
      client.addresses(eth).find((found) => found.address === address);
    const timeless = (text: string) => text.replace(/"(valid|preferred)_life_time":\d+/g, "");
    const seen = () => timeless(JSON.stringify(namespace.ipJson("addr show dev eth0")));

    test.each(Object.entries(cases))("%s", (_, { line, settings }) => {
      const address = settings();
      const before = seen();
      allOk(client.apply([{ kind: "new-address", address }]));
      const ours = seen();
      const read = entry(address);
      const label = address.address.includes(":") ? null : "eth0";
      expect(read).toMatchObject({ ...address, label: address.label ?? label });
      allOk(client.apply([{ kind: "del-address", address }]));
      expect(seen()).toBe(before);
      namespace.ip(`addr add ${line} dev eth0`);
      expect(ours).toBe(seen());
      expect(entry(address)).toEqual(read);
      allOk(client.apply([{ kind: "del-address", address }]));
      expect(seen()).toBe(before);
    });

    test("IFA_PROTO names who set an address (Linux 5.18)", () => {
      const address = { ...plain("198.51.100.1", 32), protocol: 118 };
      allOk(client.apply([{ kind: "new-address", address }]));
      expect(entry(address)?.protocol).toBe(118);
      allOk(client.apply([{ kind: "del-address", address }]));
    });

    test("an IPv6 address is tentative until duplicate address detection has passed", async () => {
      const address = plain("fe80::77", 64);
      allOk(client.apply([{ kind: "new-address", address }]));
      expect(entry(address)).toMatchObject({ tentative: true, dadFailed: false });
      await expect.poll(() => entry(address)?.tentative).toBe(false);
      allOk(client.apply([{ kind: "del-address", address }]));
    });

    test("set-address changes what is there, and adds what is not", () => {
      const address = { ...plain("2001:db8:1::5", 128), flags: ["nodad"] as const };
      allOk(client.apply([{ kind: "set-address", address }]));
      allOk(client.apply([{ kind: "set-address", address: { ...address, preferredLifetimeS: 0 } }]));
      expect(entry(address)).toMatchObject({ deprecated: true, preferredLifetimeS: 0 });
      allOk(client.apply([{ kind: "del-address", address }]));
    });

    test("of the same network, the one that is meant is deleted", () => {
      const kept = plain("203.0.113.1", 24);
      const wider = plain("203.0.113.1", 16);
      allOk(client.apply([kept, wider].map((address) => ({ kind: "new-address", address }))));
      allOk(client.apply([{ kind: "del-address", address: wider }]));
      expect(client.addresses(eth).filter(({ address }) => address === "203.0.113.1")).toMatchObject([
        { prefixLength: 24 },
      ]);
      allOk(client.apply([{ kind: "del-address", address: kept }]));
    });

    test("refusals name operation, object, errno and cause", () => {
      const address = plain("192.0.2.1", 24);
      const results = client.apply([
        { kind: "new-address", address },
        { kind: "del-address", address: plain("192.0.2.99", 24) },
        { kind: "new-address", address: { ...address, interface: 9999 } },
        { kind: "new-address", address: { ...address, address: "nonsense" } },
        { kind: "new-address", address: { ...address, prefixLength: 33 } },
      ]);
      expect(messages(results)).toMatchInlineSnapshot(`
        [
          "new-address 192.0.2.1/24 on 3: EEXIST: it exists already",
          "del-address 192.0.2.99/24 on 3: EADDRNOTAVAIL: the interface has no such address",
          "new-address 192.0.2.1/24 on 9999: ENODEV: there is no such interface",
          "new-address nonsense/24 on 3: EINVAL: "nonsense" is no IPv4 or IPv6 address",
          "new-address 192.0.2.1/33 on 3: EINVAL: prefix length 33 is not a whole number from 0 to 32",
        ]
      `);
    });
  });

  describe("links", () => {
    beforeEach(() => {
      for (const link of client.links()) if (link.name.startsWith("vrrp")) namespace.ip(`link del ${link.name}`);
    });

    test.each(["private", "bridge", "vepa"] as const)("a macvlan, %s", (mode) => {
      const link = {
        name: "vrrp.51",
        details: { kind: "macvlan", mode },
        parent: eth,
        mac: "00:00:5e:00:01:33",
      } as const;
      allOk(client.apply([{ kind: "new-link", link }]));
      const made = client.link("vrrp.51");
      expect(made).toMatchObject({ name: "vrrp.51", details: link.details, parent: eth, mac: link.mac, up: false });
      const ours = namespace.ipJson("link show vrrp.51")[0];
      expect(ours).toMatchObject({ link: "eth0", address: link.mac, linkinfo: { info_data: { mode } } });
      namespace.ip("link del vrrp.51");
      namespace.ip(`link add link eth0 name vrrp.51 address ${link.mac} type macvlan mode ${mode}`);
      const { index: _ours, ...rest } = made ?? {};
      expect(client.link("vrrp.51")).toMatchObject(rest);
    });

    test("changes", () => {
      const details = { kind: "macvlan", mode: "private" } as const;
      allOk(client.apply([{ kind: "new-link", link: { name: "vrrp.1", details, parent: eth } }]));
      const index = client.link("vrrp.1")?.index as number;
      allOk(client.apply([{ kind: "set-link", index, change: { addressGeneration: "none", alias: "lbctl VI_1" } }]));
      expect(client.link(index)).toMatchObject({ alias: "lbctl VI_1" });
      allOk(client.apply([{ kind: "set-link", index, change: { up: true, mtu: 1400 } }]));
      expect(namespace.ipJson("link show dev vrrp.1")[0]).toMatchObject({
        mtu: 1400,
        ifalias: "lbctl VI_1",
        inet6_addr_gen_mode: "none",
      });
      expect(client.link(index)).toMatchObject({ up: true, lowerUp: true, mtu: 1400, operState: "up" });
      allOk(client.apply([{ kind: "set-link", index, change: { up: false } }]));
      allOk(
        client.apply([{ kind: "set-link", index, change: { mac: "02:00:5e:00:02:01", name: "vrrp.2", alias: "" } }]),
      );
      expect(client.link("vrrp.2")).toMatchObject({ index, up: false, mac: "02:00:5e:00:02:01", alias: null });
      allOk(client.apply([{ kind: "del-link", index }]));
      expect(client.link(index)).toBeNull();
      expect(client.link("vrrp.2")).toBeNull();
    });

    test("all of them, as ip lists them", () => {
      const theirs = namespace
        .ipJson("link show")
        .map(({ ifindex, ifname, address, mtu }) => [ifindex, ifname, address, mtu]);
      expect(client.links().map(({ index, name, mac, mtu }) => [index, name, mac, mtu])).toEqual(theirs);
      expect(client.link("lo")).toMatchObject({ loopback: true, up: true, details: null });
      expect(client.link("eth0")).toMatchObject({ details: { kind: "other", name: "veth" }, multicast: true });
    });

    test("refusals", () => {
      const details = { kind: "macvlan", mode: "private" } as const;
      const results = client.apply([
        { kind: "new-link", link: { name: "eth0", details, parent: eth } },
        { kind: "new-link", link: { name: "vrrp.1", details, parent: 9999 } },
        { kind: "new-link", link: { name: "vrrp.1", details } },
        { kind: "new-link", link: { name: "a-name-that-is-too-long", details, parent: eth } },
        { kind: "set-link", index: 9999, change: { up: true } },
        { kind: "del-link", index: 9999 },
      ]);
      expect(messages(results)).toMatchInlineSnapshot(`
        [
          "new-link macvlan eth0: EEXIST: it exists already",
          "new-link macvlan vrrp.1: ENODEV: the interface below does not exist",
          "new-link macvlan vrrp.1: EINVAL: macvlan without a parent",
          "new-link macvlan a-name-that-is-too-long: EINVAL: interface "a-name-that-is-too-long" must have 1 to 15 octets",
          "set-link 9999: ENODEV: there is no such interface",
          "del-link 9999: ENODEV: there is no such interface",
        ]
      `);
    });
  });

  describe("routes", () => {
    const route = (destination: string, more: Partial<Route>): Route => {
      const [address = "", length] = destination.split("/");
      const family = address.includes(":") ? "inet6" : "inet";
      return {
        type: "unicast",
        family,
        destination: { address, prefixLength: Number(length) },
        from: null,
        source: null,
        tos: 0,
        table: 254,
        protocol: 3,
        scope: 0,
        metric: family === "inet6" ? 1024 : 0,
        nexthops: [],
        metrics: {},
        congestionControl: null,
        expiresS: null,
        realms: null,
        preference: family === "inet6" ? "medium" : null,
        ttlPropagate: null,
        ...more,
      };
    };
    const hop = (via: string | null, more = {}) => ({
      via,
      interface: eth,
      weight: 1,
      onlink: false,
      realms: null,
      ...more,
    });
    const plainMetrics = (values: Record<string, number>, locked: readonly string[] = []) =>
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, { value, locked: locked.includes(name) }]),
      );
    const cases: Record<string, { line: string; route: () => Route }> = {
      gateway: {
        line: "10.1.0.0/16 via 192.0.2.9",
        route: () => route("10.1.0.0/16", { nexthops: [hop("192.0.2.9")] }),
      },
      "on the link, with a source": {
        line: "10.1.0.0/16 dev eth0 scope link src 192.0.2.1",
        route: () => route("10.1.0.0/16", { nexthops: [hop(null)], scope: 253, source: "192.0.2.1" }),
      },
      "default in a far table, with protocol, metric and tos": {
        line: "default via 192.0.2.9 table 10000 proto 118 metric 77 tos 0x10",
        route: () =>
          route("0.0.0.0/0", { nexthops: [hop("192.0.2.9")], table: 10000, protocol: 118, metric: 77, tos: 16 }),
      },
      onlink: {
        line: "10.1.0.0/16 via 203.0.113.9 dev eth0 onlink",
        route: () => route("10.1.0.0/16", { nexthops: [hop("203.0.113.9", { onlink: true })] }),
      },
      "IPv4 through an IPv6 gateway": {
        line: "10.1.0.0/16 via inet6 2001:db8::9 dev eth0",
        route: () => route("10.1.0.0/16", { nexthops: [hop("2001:db8::9")] }),
      },
      blackhole: { line: "blackhole 10.1.0.0/16", route: () => route("10.1.0.0/16", { type: "blackhole" }) },
      unreachable: { line: "unreachable 10.1.0.0/16", route: () => route("10.1.0.0/16", { type: "unreachable" }) },
      prohibit: { line: "prohibit 10.1.0.0/16", route: () => route("10.1.0.0/16", { type: "prohibit" }) },
      throw: { line: "throw 10.1.0.0/16 table 9", route: () => route("10.1.0.0/16", { type: "throw", table: 9 }) },
      local: {
        line: "local 10.1.0.0/16 dev eth0 table 9",
        route: () => route("10.1.0.0/16", { type: "local", table: 9, scope: 254, nexthops: [hop(null)] }),
      },
      multipath: {
        line: "10.1.0.0/16 nexthop via 192.0.2.8 weight 5 nexthop via 203.0.113.9 dev eth0 onlink weight 256",
        route: () =>
          route("10.1.0.0/16", {
            nexthops: [hop("192.0.2.8", { weight: 5 }), hop("203.0.113.9", { weight: 256, onlink: true })],
          }),
      },
      metrics: {
        line:
          "10.1.0.0/16 via 192.0.2.9 mtu lock 1400 window 105 rtt 102 rttvar 103 reordering 104 cwnd lock 106 ssthresh lock 107 " +
          "advmss 101 hoplimit 100 initcwnd 109 initrwnd 110 rto_min 108ms features ecn quickack 1 fastopen_no_cookie 1 congctl reno",
        route: () =>
          route("10.1.0.0/16", {
            nexthops: [hop("192.0.2.9")],
            metrics: plainMetrics(
              {
                mtu: 1400,
                window: 105,
                rtt: 102,
                rttvar: 103,
                ssthresh: 107,
                cwnd: 106,
                advmss: 101,
                reordering: 104,
                hoplimit: 100,
                initcwnd: 109,
                features: 1,
                rtoMin: 108,
                initrwnd: 110,
                quickack: 1,
                fastopenNoCookie: 1,
              },
              // `ip` locks rto_min by itself: unlocked, TCP takes no notice of it.
              ["mtu", "cwnd", "ssthresh", "rtoMin"],
            ),
            congestionControl: { name: "reno", locked: false },
          }),
      },
      "IPv6 gateway, metric and preference": {
        line: "2001:db8:9::/48 via 2001:db8::9 metric 5 pref high",
        route: () => route("2001:db8:9::/48", { nexthops: [hop("2001:db8::9")], metric: 5, preference: "high" }),
      },
      "IPv6 multipath": {
        line: "2001:db8:9::/48 nexthop via 2001:db8::8 nexthop via 2001:db8::9 weight 3",
        route: () => route("2001:db8:9::/48", { nexthops: [hop("2001:db8::8"), hop("2001:db8::9", { weight: 3 })] }),
      },
      "IPv6 blackhole": {
        line: "blackhole 2001:db8:9::/48",
        route: () => route("2001:db8:9::/48", { type: "blackhole" }),
      },
    };

    const seen = () =>
      namespace.ip("-json -details route show table all") + namespace.ip("-6 -json -details route show table all");
    afterEach(() => {
      client.apply(
        client.routes().flatMap((each) => (each.protocol === 2 ? [] : [{ kind: "del-route", route: each }])),
      );
    });
    const found = ({ destination }: Route) =>
      client
        .routes()
        .filter(
          ({ destination: { address, prefixLength }, protocol }) =>
            address === destination.address && prefixLength === destination.prefixLength && protocol !== 2,
        );

    test.each(Object.entries(cases))("%s", (_, { line, route: make }) => {
      const wanted = make();
      // `ip` says boot (3) when it is told nothing.
      const before = seen();
      allOk(client.apply([{ kind: "new-route", route: wanted, insertion: "prepend" }]));
      const ours = seen();
      const read = found(wanted);
      expect(read).toEqual([wanted]);
      allOk(client.apply([{ kind: "del-route", route: read[0] as Route }]));
      expect(seen()).toBe(before);
      namespace.ip(`${wanted.family === "inet6" ? "-6 " : ""}route add ${line}`);
      expect(ours).toBe(seen());
      expect(found(wanted)).toEqual(read);
      allOk(client.apply([{ kind: "del-route", route: wanted }]));
      expect(seen()).toBe(before);
    });

    test("an IPv6 route may expire", () => {
      const wanted = route("2001:db8:9::/48", { nexthops: [hop("2001:db8::9")], expiresS: 500 });
      allOk(client.apply([{ kind: "new-route", route: wanted, insertion: "prepend" }]));
      expect(found(wanted)[0]?.expiresS).toBeGreaterThan(490);
      expect(namespace.ipJson("-6 route show 2001:db8:9::/48")[0]?.expires).toBeGreaterThan(490);
      allOk(client.apply([{ kind: "del-route", route: wanted }]));
    });

    test("the kernel filters a listing by table, protocol and family", () => {
      const routes = [
        route("10.1.0.0/16", { type: "blackhole", protocol: 118 }),
        route("10.2.0.0/16", { type: "blackhole", protocol: 119 }),
        route("10.3.0.0/16", { type: "blackhole", protocol: 118, table: 9 }),
        route("2001:db8:9::/48", { type: "blackhole", protocol: 118 }),
      ];
      allOk(client.apply(routes.map((each) => ({ kind: "new-route", route: each, insertion: "add" }))));
      const addresses = (filter: Parameters<RtnetlinkClient["routes"]>[0]) =>
        client.routes(filter).map(({ destination }) => destination.address);
      expect(addresses({ protocol: 118 }).sort()).toEqual(["10.1.0.0", "10.3.0.0", "2001:db8:9::"]);
      expect(addresses({ protocol: 118, table: 9 })).toEqual(["10.3.0.0"]);
      expect(addresses({ protocol: 118, family: "inet6" })).toEqual(["2001:db8:9::"]);
      expect(addresses({ table: 4711 })).toEqual([]);
      allOk(client.apply(routes.map((each) => ({ kind: "del-route", route: each }))));
    });

    test("insertion: before, behind, not beside, instead", () => {
      const via = (gateway: string) => route("10.1.0.0/16", { nexthops: [hop(gateway)] });
      const add = (gateway: string, insertion: "add" | "append" | "prepend" | "replace") =>
        client.apply([{ kind: "new-route", route: via(gateway), insertion }])[0];
      expect(add("192.0.2.5", "add")).toEqual({ ok: true });
      expect(add("192.0.2.6", "add")).toMatchObject({ ok: false, errno: "EEXIST" });
      expect(add("192.0.2.6", "append")).toEqual({ ok: true });
      expect(add("192.0.2.4", "prepend")).toEqual({ ok: true });
      expect(found(via("")).map(({ nexthops }) => nexthops[0]?.via)).toEqual(["192.0.2.4", "192.0.2.5", "192.0.2.6"]);
      expect(add("192.0.2.7", "replace")).toEqual({ ok: true });
      expect(found(via("")).map(({ nexthops }) => nexthops[0]?.via)).toEqual(["192.0.2.7", "192.0.2.5", "192.0.2.6"]);
      for (const gateway of ["192.0.2.5", "192.0.2.7", "192.0.2.6"]) {
        allOk(client.apply([{ kind: "del-route", route: via(gateway) }]));
      }
      expect(found(via(""))).toEqual([]);
    });

    test("refusals", () => {
      const results = client.apply([
        { kind: "del-route", route: route("10.1.0.0/16", { nexthops: [hop("192.0.2.9")] }) },
        { kind: "new-route", route: route("10.1.0.0/16", { nexthops: [hop("203.0.113.9")] }), insertion: "add" },
        { kind: "new-route", route: route("10.1.0.0/16", { family: "inet6" }), insertion: "add" },
        {
          kind: "new-route",
          route: route("10.1.0.0/16", { nexthops: [hop(null, { interface: 9999 })] }),
          insertion: "add",
        },
      ]);
      expect(messages(results)).toMatchInlineSnapshot(`
        [
          "del-route 10.1.0.0/16 via 192.0.2.9: ESRCH: there is no such route",
          "new-route 10.1.0.0/16 via 203.0.113.9: ENETUNREACH: no interface reaches the gateway",
          "new-route 10.1.0.0/16: EINVAL: 10.1.0.0 is not of the family inet6",
          "new-route 10.1.0.0/16: ENODEV: there is no such interface",
        ]
      `);
    });

    test("a multipath route of a hundred next hops", () => {
      const nexthops = Array.from({ length: 100 }, (_, n) => hop(`192.0.2.${n + 20}`));
      const wanted = route("10.1.0.0/16", { nexthops });
      allOk(client.apply([{ kind: "new-route", route: wanted, insertion: "add" }]));
      expect(found(wanted)).toEqual([wanted]);
      allOk(client.apply([{ kind: "del-route", route: wanted }]));
    });
  });

  describe("rules", () => {
    const rule = (more: Partial<Rule>): Rule => ({
      family: "inet",
      action: { kind: "table", table: 7 },
      priority: 100,
      not: false,
      from: null,
      to: null,
      tos: 0,
      fwmark: null,
      realms: null,
      iif: null,
      oif: null,
      suppressPrefixLength: null,
      suppressGroup: null,
      tunnelId: null,
      uidRange: null,
      protocol: 118,
      ipProto: null,
      sport: null,
      dport: null,
      ...more,
    });
    const net = (address: string, prefixLength: number) => ({ address, prefixLength });
    const cases: Record<string, { line: string; rule: Rule }> = {
      "from and to": {
        line: "from 10.1.0.0/16 to 10.2.3.4 table 7",
        rule: rule({ from: net("10.1.0.0", 16), to: net("10.2.3.4", 32) }),
      },
      "not, interfaces, a far table": {
        line: "not from 10.1.0.0/16 iif eth0 oif missing0 table 10000",
        rule: rule({
          not: true,
          from: net("10.1.0.0", 16),
          iif: "eth0",
          oif: "missing0",
          action: { kind: "table", table: 10000 },
        }),
      },
      "mark, tos, realms": {
        line: "from all fwmark 0x18/0xff tos 0x10 table 7 realms 30/20",
        rule: rule({ fwmark: { mark: 0x18, mask: 0xff }, tos: 0x10, realms: { from: 30, to: 20 } }),
      },
      suppression: {
        line: "from all table 7 suppress_prefixlength 0 suppress_ifgroup 3",
        rule: rule({ suppressPrefixLength: 0, suppressGroup: 3 }),
      },
      "users and tunnels": {
        line: "from all tun_id 123456789012 uidrange 1000-1999 table 7",
        rule: rule({ tunnelId: "123456789012", uidRange: { from: 1000, to: 1999 } }),
      },
      "protocol and ports": {
        line: "from all ipproto udp sport 10-20 dport 53 table 7",
        rule: rule({ ipProto: 17, sport: { from: 10, to: 20 }, dport: { from: 53, to: 53 } }),
      },
      goto: { line: "from all goto 200", rule: rule({ action: { kind: "goto", priority: 200 } }) },
      nop: { line: "from all nop", rule: rule({ action: { kind: "nop" } }) },
      blackhole: {
        line: "from 10.0.0.0/8 blackhole",
        rule: rule({ from: net("10.0.0.0", 8), action: { kind: "blackhole" } }),
      },
      unreachable: { line: "from all unreachable", rule: rule({ action: { kind: "unreachable" } }) },
      prohibit: { line: "from all prohibit", rule: rule({ action: { kind: "prohibit" } }) },
      IPv6: {
        line: "from 2001:db8:1::/48 to 2001:db8:2::/48 table 7",
        rule: rule({ family: "inet6", from: net("2001:db8:1::", 48), to: net("2001:db8:2::", 48) }),
      },
    };
    const seen = () => namespace.ip("-json -details rule show") + namespace.ip("-6 -json -details rule show");
    const found = () => client.rules().filter(({ priority }) => priority === 100);

    test.each(Object.entries(cases))("%s", (_, { line, rule: wanted }) => {
      const before = seen();
      allOk(client.apply([{ kind: "new-rule", rule: wanted }]));
      expect(client.apply([{ kind: "new-rule", rule: wanted }])[0]).toMatchObject({ ok: false, errno: "EEXIST" });
      const ours = seen();
      expect(found()).toEqual([wanted]);
      allOk(client.apply([{ kind: "del-rule", rule: wanted }]));
      expect(seen()).toBe(before);
      const family = wanted.family === "inet6" ? "-6 " : "";
      namespace.ip(`${family}rule add priority 100 protocol 118 ${line}`);
      expect(ours).toBe(seen());
      expect(found()).toEqual([wanted]);
      allOk(client.apply([{ kind: "del-rule", rule: wanted }]));
      expect(seen()).toBe(before);
    });

    test("refusals", () => {
      const results = client.apply([
        { kind: "del-rule", rule: rule({}) },
        { kind: "new-rule", rule: rule({ sport: { from: 20, to: 10 } }) },
        { kind: "new-rule", rule: rule({ action: { kind: "goto", priority: 50 } }) },
        { kind: "new-rule", rule: rule({ from: { address: "2001:db8::", prefixLength: 32 } }) },
      ]);
      expect(messages(results)).toMatchInlineSnapshot(`
        [
          "del-rule inet table 7 priority 100: ENOENT: there is no such rule",
          "new-rule inet table 7 priority 100: EINVAL: port range 20-10 is the wrong way round",
          "new-rule inet goto 50 priority 100: EINVAL",
          "new-rule inet from 2001:db8::/32 table 7 priority 100: EINVAL: 2001:db8:: is not of the family inet",
        ]
      `);
    });
  });
});
