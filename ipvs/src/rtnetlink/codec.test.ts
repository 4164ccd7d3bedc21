import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAddress } from "../address.ts";
import { NetlinkError } from "../errors.ts";
import { Memory } from "../netlink/memory.ts";
import { decodeAddress, writeAddress } from "./address-codec.ts";
import type { AddressSettings } from "./ip-address.ts";
import { decodeLink, writeNewLink } from "./link-codec.ts";
import type { Network, Nexthop, Route, RouteMetricName, RouteMetrics } from "./route.ts";
import { decodeRoute, writeRoute } from "./route-codec.ts";
import type { Rule, RuleAction } from "./rule.ts";
import { decodeRule, writeRule } from "./rule-codec.ts";

type Family = "inet" | "inet6";

const u8 = fc.nat(255);
const u32 = fc.nat(0xffff_ffff);
const index = fc.integer({ min: 1, max: 0x7fff_ffff });
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const addressOf = (family: Family) =>
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((octets) => formatAddress(family, octets));
const families = fc.constantFrom<Family>("inet", "inet6");
const lengthOf = (family: Family, least = 0) => fc.integer({ min: least, max: family === "inet" ? 32 : 128 });
const interfaceName = fc.stringMatching(/^[a-z][a-z0-9.]{0,14}$/);
const networkOf = (family: Family): fc.Arbitrary<Network> =>
  fc.record({ address: addressOf(family), prefixLength: lengthOf(family, 1) });
const realms = fc.record({ from: fc.nat(0xffff), to: fc.integer({ min: 1, max: 0xffff }) });

const addresses: fc.Arbitrary<AddressSettings> = families.chain((family) =>
  fc
    .record({
      interface: index,
      address: addressOf(family),
      prefixLength: lengthOf(family),
      peer: orNull(addressOf(family)),
      scope: u8,
      broadcast: orNull(addressOf(family)),
      label: orNull(interfaceName),
      preferredLifetimeS: orNull(fc.nat(0xffff_fffe)),
      validLifetimeS: orNull(fc.nat(0xffff_fffe)),
      flags: fc.subarray(["home", "nodad", "mngtmpaddr", "noprefixroute", "autojoin"] as const),
      protocol: orNull(fc.integer({ min: 1, max: 255 })),
    })
    .filter(({ address, peer }) => address !== peer),
);

const nexthopOf = (family: Family): fc.Arbitrary<Nexthop> =>
  fc.record({
    via: orNull(fc.oneof(addressOf(family), addressOf("inet6"))),
    interface: index,
    weight: fc.integer({ min: 1, max: 256 }),
    onlink: fc.boolean(),
    realms: orNull(realms),
  });
const metric = fc.record({ value: u32, locked: fc.boolean() });
const metricNames: readonly RouteMetricName[] = ["mtu", "rtt", "rtoMin", "features", "fastopenNoCookie", "hoplimit"];
const metrics: fc.Arbitrary<RouteMetrics> = fc.dictionary(fc.constantFrom(...metricNames), metric, {
  noNullPrototype: true,
});

const routes: fc.Arbitrary<Route> = families.chain(
  (family) =>
    fc.record({
      type: fc.constantFrom("unicast" as const, "local" as const),
      family: fc.constant(family),
      destination: networkOf(family),
      from: orNull(networkOf(family)),
      source: orNull(addressOf(family)),
      tos: u8,
      table: fc.integer({ min: 1, max: 0xffff_ffff }),
      protocol: u8,
      scope: u8,
      metric: u32,
      nexthops: fc.oneof(
        nexthopOf(family).map((hop) => [{ ...hop, weight: 1, realms: null }]),
        fc.array(nexthopOf(family), { minLength: 2, maxLength: 5 }),
      ),
      metrics,
      congestionControl: orNull(fc.record({ name: interfaceName, locked: fc.boolean() })),
      expiresS: fc.constant(null),
      realms: orNull(realms),
      preference:
        family === "inet6" ? fc.constantFrom("low" as const, "medium" as const, "high" as const) : fc.constant(null),
      ttlPropagate: orNull(fc.boolean()),
    }) as fc.Arbitrary<Route>,
);
const range = (most: number) =>
  fc.tuple(fc.nat(most), fc.nat(most)).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const actions: fc.Arbitrary<RuleAction> = fc.oneof(
  fc.record({ kind: fc.constant("table" as const), table: fc.integer({ min: 1, max: 0xffff_ffff }) }),
  fc.record({ kind: fc.constant("goto" as const), priority: u32 }),
  fc.record({
    kind: fc.constantFrom("l3mdev", "nop", "blackhole", "unreachable", "prohibit"),
  }) as fc.Arbitrary<RuleAction>,
);
const rules: fc.Arbitrary<Rule> = families.chain((family) =>
  fc.record({
    family: fc.constant(family),
    action: actions,
    priority: u32,
    not: fc.boolean(),
    from: orNull(networkOf(family)),
    to: orNull(networkOf(family)),
    tos: u8,
    fwmark: orNull(fc.record({ mark: fc.integer({ min: 1, max: 0xffff_ffff }), mask: u32 })),
    realms: orNull(realms),
    iif: orNull(interfaceName),
    oif: orNull(interfaceName),
    suppressPrefixLength: orNull(fc.nat(128)),
    suppressGroup: orNull(fc.nat(0x7fff_ffff)),
    tunnelId: orNull(fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map(String)),
    uidRange: orNull(range(0xffff_ffff)),
    protocol: u8,
    ipProto: orNull(fc.integer({ min: 1, max: 255 })),
    sport: orNull(range(0xffff)),
    dport: orNull(range(0xffff)),
  }),
);

const memory = Memory.ofSize(8192);

describe("what was written reads the same", () => {
  test("addresses", () => {
    fc.assert(
      fc.property(addresses, (address) => {
        expect(decodeAddress(memory, 0, writeAddress(memory, 0, address))).toMatchObject(address);
      }),
    );
  });

  test("routes", () => {
    fc.assert(
      fc.property(routes, (route) => {
        expect(decodeRoute(memory, 0, writeRoute(memory, 0, route))).toEqual(route);
      }),
    );
  });

  test("rules", () => {
    fc.assert(
      fc.property(rules, (rule) => {
        expect(decodeRule(memory, 0, writeRule(memory, 0, rule))).toEqual(rule);
      }),
    );
  });

  test.each([
    { kind: "macvlan", mode: "bridge" },
    { kind: "ipvlan", mode: "l2", isolation: "private" },
    { kind: "ipvlan", mode: "l3s", isolation: "vepa" },
    { kind: "vrf", table: 100_000 },
  ] as const)("a link of kind $kind", (details) => {
    const end = writeNewLink(memory, 0, { name: "vrrp.1", details, parent: 7, mac: "00:00:5e:00:01:01", up: true });
    expect(decodeLink(memory, 0, end)).toMatchObject({
      name: "vrrp.1",
      details,
      parent: 7,
      mac: "00:00:5e:00:01:01",
      up: true,
    });
  });
});

describe("garbage", () => {
  const decoders = { decodeLink, decodeAddress, decodeRoute, decodeRule };
  const rejectedOrRead = (octets: Uint8Array) => {
    for (const decode of Object.values(decoders)) {
      try {
        decode(new Memory(octets), 0, octets.length);
      } catch (error) {
        expect(error).toBeInstanceOf(NetlinkError);
      }
    }
  };

  test("any octets", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), rejectedOrRead));
  });

  test("messages with a few octets changed, or cut off", () => {
    const change = fc.tuple(fc.nat(400), u8);
    fc.assert(
      fc.property(routes, rules, fc.array(change, { maxLength: 4 }), fc.nat(400), (route, rule, changes, cut) => {
        for (const write of [writeRoute(memory, 0, route), writeRule(memory, 4096, rule) - 4096]) {
          const octets = memory.u8.slice(0, Math.max(0, write - (cut % 8)) & ~3);
          for (const [at, value] of changes) if (at < octets.length) octets[at] = value;
          rejectedOrRead(octets);
        }
      }),
    );
  });
});
