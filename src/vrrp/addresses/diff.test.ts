import fc from "fast-check";
import type { RtnetlinkOperation } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import { actualObjects } from "./actual.ts";
import { desired } from "./desired.ts";
import { diff, ownedBy } from "./diff.ts";
import { type Holding, numberRules } from "./holding.ts";
import { addressIdentity, networkOf, routeIdentity, ruleIdentity } from "./identity.ts";
import { type ActualObject, OUR_PROTOCOL } from "./network-object.ts";
import { holding, link, via, virtualAddress, virtualRoute, virtualRule } from "./testing/samples.ts";

const links = [link(1, "lo"), link(2, "eth0"), link(3, "eth1")];
const nameOf = (index: number) => links.find((each) => each.index === index)?.name ?? String(index);

/** A kernel that has objects, and refuses what is there already or is not. */
class MemoryKernel {
  readonly objects = new Map<string, ActualObject>();

  apply(operation: RtnetlinkOperation): void {
    const object = objectOf(operation);
    const { text } = object;
    if (operation.kind.startsWith("del-")) {
      if (!this.objects.delete(text)) throw new Error(`nothing to delete: ${text}`);
    } else {
      if (operation.kind.startsWith("new-") && this.objects.has(text)) throw new Error(`there already: ${text}`);
      this.objects.set(text, object);
    }
  }
}

function objectOf(operation: RtnetlinkOperation): ActualObject {
  switch (operation.kind) {
    case "new-address":
    case "set-address":
    case "del-address": {
      const { address } = operation;
      const entry = {
        scope: 0,
        broadcast: null,
        label: null,
        preferredLifetimeS: null,
        validLifetimeS: null,
        flags: [],
        protocol: null,
        ...address,
        secondary: false,
        tentative: false,
        dadFailed: false,
        deprecated: "preferredLifetimeS" in address && address.preferredLifetimeS === 0,
        permanent: true,
      };
      return { kind: "address", text: addressIdentity(address, nameOf), address: entry };
    }
    case "new-route":
    case "del-route":
      return { kind: "route", text: routeIdentity(operation.route, nameOf), route: operation.route };
    case "new-rule":
    case "del-rule":
      return { kind: "rule", text: ruleIdentity(operation.rule), rule: operation.rule };
    default:
      throw new Error(operation.kind);
  }
}

const octet = fc.integer({ min: 1, max: 4 });
const addresses = fc.oneof(
  fc
    .record({
      n: octet,
      interface: fc.constantFrom("eth0", "eth1"),
      prefixLength: fc.constantFrom(24, 32),
      label: fc.constantFrom(null, "x"),
    })
    .map(({ n, ...more }) => virtualAddress(`192.0.2.${n}`, more)),
  fc
    .record({ n: octet, prefixLength: fc.constantFrom(64, 128), preferredLifetimeS: fc.constantFrom(null, 0) })
    .map(({ n, ...more }) => virtualAddress(`2001:db8::${n}`, more)),
);
const routes = fc
  .record({
    n: octet,
    gateway: octet,
    mtu: fc.constantFrom(1400, 1500),
    type: fc.constantFrom("unicast" as const, "blackhole" as const),
  })
  .map(({ n, gateway, mtu, type }) =>
    virtualRoute(`10.${n}.0.0/16`, {
      type,
      nexthops: type === "unicast" ? [via(`192.0.2.${gateway}`)] : [],
      metrics: { mtu: { value: mtu, locked: false } },
    }),
  );
const rules = octet.map((n) => virtualRule({ from: { address: `10.${n}.0.0`, prefixLength: 16 }, priority: n }));
const holdings: fc.Arbitrary<Holding> = fc
  .record({
    addresses: fc.uniqueArray(addresses, {
      maxLength: 5,
      selector: ({ address, interface: on }) => `${address} ${on}`,
    }),
    routes: fc.array(routes, { maxLength: 4 }),
    rules: fc.array(rules, { maxLength: 3 }),
  })
  .map((parts) => holding("VI", parts));

const objectsOf = (wanted: Holding) => desired([wanted], links).objects;
const kernelOf = (there: Holding, foreign: boolean) => {
  const kernel = new MemoryKernel();
  for (const { operation } of diff(objectsOf(there), [], ownedBy(new Set()))) kernel.apply(operation);
  if (!foreign) return kernel;
  const theirs = [...kernel.objects.values()].map((object) => withProtocol(object, 3));
  kernel.objects.clear();
  for (const object of theirs) kernel.objects.set(object.text, object);
  return kernel;
};
function withProtocol(object: ActualObject, protocol: number): ActualObject {
  switch (object.kind) {
    case "address":
      return { ...object, address: { ...object.address, protocol } };
    case "route": {
      const route = { ...object.route, protocol };
      return { kind: "route", text: routeIdentity(route, nameOf), route };
    }
    case "rule": {
      const rule = { ...object.rule, protocol };
      return { kind: "rule", text: ruleIdentity(rule), rule };
    }
  }
}

describe("the difference", () => {
  test("reaches what is wanted, removes the rest of ours, and then there is none", () => {
    fc.assert(
      fc.property(holdings, holdings, (before, wanted) => {
        const kernel = kernelOf(before, false);
        const objects = objectsOf(wanted);
        const ours = ownedBy(new Set());
        for (const { operation } of diff(objects, [...kernel.objects.values()], ours)) kernel.apply(operation);
        expect([...kernel.objects.keys()].sort()).toEqual(objects.map(({ text }) => text).sort());
        expect(diff(objects, [...kernel.objects.values()], ours)).toEqual([]);
      }),
    );
  });

  test("leaves alone what is not ours", () => {
    fc.assert(
      fc.property(holdings, holdings, (others, wanted) => {
        const kernel = kernelOf(others, true);
        const before = [...kernel.objects.keys()];
        const objects = objectsOf(wanted);
        const writes = diff(objects, [...kernel.objects.values()], ownedBy(new Set()));
        for (const { operation } of writes) kernel.apply(operation);
        expect([...kernel.objects.keys()]).toEqual(expect.arrayContaining(before));
      }),
    );
  });

  test("what was recorded is ours without a mark", () => {
    fc.assert(
      fc.property(holdings, (before) => {
        const kernel = kernelOf(before, true);
        const recorded = ownedBy(new Set(kernel.objects.keys()));
        for (const { operation } of diff([], [...kernel.objects.values()], recorded)) kernel.apply(operation);
        expect(kernel.objects.size).toBe(0);
      }),
    );
  });

  test("addresses, routes, rules; and the other way round when they go", () => {
    const all = objectsOf(
      holding("VI", {
        rules: [virtualRule({ priority: 5 })],
        routes: [virtualRoute("10.1.0.0/16", { nexthops: [via("192.0.2.9")] })],
        addresses: [virtualAddress("192.0.2.1/24")],
      }),
    );
    const added = diff(all, [], ownedBy(new Set())).map(({ operation }) => operation);
    expect(added.map(({ kind }) => kind)).toEqual(["new-address", "new-route", "new-rule"]);
    const removed = diff([], added.map(objectOf), ownedBy(new Set()));
    expect(removed.map(({ operation }) => operation.kind)).toEqual(["del-rule", "del-route", "del-address"]);
  });

  test("an IPv6 route gets another gateway: the old one goes first, or they would become one multipath route", () => {
    const route = (gateway: string) =>
      objectsOf(holding("VI", { routes: [virtualRoute("2001:db8:9::/48", { nexthops: [via(gateway)] })] }));
    const [old] = diff(route("2001:db8::1"), [], ownedBy(new Set()));
    const writes = diff(route("2001:db8::2"), [objectOf(old?.operation as RtnetlinkOperation)], ownedBy(new Set()));
    expect(writes.map(({ operation }) => operation.kind)).toEqual(["del-route", "new-route"]);
  });

  test("an IPv6 address in whose place another host was heard is set again", () => {
    const objects = objectsOf(holding("VI", { addresses: [virtualAddress("2001:db8::1")] }));
    const [write] = diff(objects, [], ownedBy(new Set()));
    const there = objectOf(write?.operation as RtnetlinkOperation);
    if (there.kind !== "address") throw new Error("no address");
    const failed = { ...there, address: { ...there.address, dadFailed: true } };
    expect(diff(objects, [there], ownedBy(new Set()))).toEqual([]);
    expect(diff(objects, [failed], ownedBy(new Set())).map(({ operation }) => operation.kind)).toEqual([
      "del-address",
      "new-address",
    ]);
  });
});

describe("an address that is there with other settings", () => {
  const writesFor = (wanted: ReturnType<typeof virtualAddress>, found: Record<string, unknown>) => {
    const objects = objectsOf(holding("VI", { addresses: [wanted] }));
    const [write] = diff(objects, [], ownedBy(new Set()));
    const there = objectOf(write?.operation as RtnetlinkOperation);
    if (there.kind !== "address") throw new Error("no address");
    const changed = { ...there, address: { ...there.address, ...found } };
    return diff(objects, [changed], ownedBy(new Set())).map(({ operation }) => operation.kind);
  };
  const inet = virtualAddress("192.0.2.1/24", { label: "eth0:vip" });
  const inet6 = virtualAddress("2001:db8::1/64");

  test.each([
    ["IPv4, another label", inet, { label: "eth0:other" }, ["del-address", "new-address"]],
    ["IPv4, any label where none is wanted", virtualAddress("192.0.2.1"), { label: "eth0:other" }, []],
    ["IPv4, another scope", inet, { scope: 253 }, ["del-address", "new-address"]],
    ["IPv4, a lifetime", inet, { validLifetimeS: 60, preferredLifetimeS: 60 }, ["del-address", "new-address"]],
    ["IPv4, set by somebody else", inet, { protocol: null, secondary: true }, []],
    ["IPv6, another prefix length", inet6, { prefixLength: 128 }, ["del-address", "new-address"]],
    ["IPv6, detection not switched off", inet6, { flags: [] }, ["set-address"]],
    ["IPv6, deprecated", inet6, { preferredLifetimeS: 0, deprecated: true }, ["set-address"]],
    [
      "IPv6, not deprecated",
      virtualAddress("2001:db8::1"),
      { preferredLifetimeS: null, deprecated: false },
      ["set-address"],
    ],
    [
      "IPv6, a preference that ran out",
      { ...inet6, preferredLifetimeS: 60 },
      { preferredLifetimeS: 0, deprecated: true },
      [],
    ],
  ])("%s", (_, wanted, found, kinds) => {
    expect(writesFor(wanted, found)).toEqual(kinds);
  });
});

describe("what is wanted", () => {
  test("sits on its interface, the instance's VMAC or one of its own; without the interface it is missing", () => {
    const wanted = holding("VI", {
      addresses: [
        virtualAddress("192.0.2.1"),
        virtualAddress("192.0.2.2", { placement: "instance-vmac" }),
        virtualAddress("192.0.2.3", { placement: "own-vmac", interface: "eth1" }),
        virtualAddress("192.0.2.4", { interface: "eth9" }),
      ],
      placement: { instanceLink: "vrrp.51", ownLinks: { eth1: "vrrp.51.eth1" } },
    });
    const { objects, missing } = desired([wanted], [...links, link(7, "vrrp.51"), link(8, "vrrp.51.eth1")]);
    expect(objects.map(({ text }) => text)).toEqual([
      "address 192.0.2.1/32 dev eth0",
      "address 192.0.2.2/32 dev vrrp.51",
      "address 192.0.2.3/32 dev vrrp.51.eth1",
    ]);
    expect(missing).toEqual([
      { holder: "VI", interface: "eth9", object: "address 192.0.2.4", tracking: { kind: "instance" } },
    ]);
  });

  test("IPv6 without duplicate address detection; of both families only the flags that they know", () => {
    const wanted = holding("VI", {
      addresses: [
        virtualAddress("2001:db8::1", { flags: ["home"], scope: 253, label: "x" }),
        virtualAddress("192.0.2.1", { flags: ["home", "noprefixroute"] }),
      ],
    });
    expect(desired([wanted], links).objects).toMatchObject([
      { address: { flags: ["home", "nodad"], preferredLifetimeS: 0, scope: 0, label: null, protocol: OUR_PROTOCOL } },
      { address: { flags: ["noprefixroute"] } },
    ]);
  });

  test("two holders of one address are one object", () => {
    const one = holding("one", { addresses: [virtualAddress("192.0.2.1")] });
    expect(desired([one, { ...one, holder: "other" }], links).objects).toMatchObject([{ holder: "one" }]);
  });

  test("rules without a priority are numbered over the whole configuration, per family", () => {
    const numbered = numberRules([
      holding("one", { rules: [virtualRule(), virtualRule({ family: "inet6" }), virtualRule({ priority: 9 })] }),
      holding("other", { rules: [virtualRule()] }),
    ]);
    expect(numbered.map(({ rules: each }) => each.map(({ priority }) => priority))).toEqual([
      [16384, 16384, 9],
      [16383],
    ]);
  });

  test.each([
    ["10.1.2.3", 16, "10.1.0.0"],
    ["10.1.2.3", 0, "0.0.0.0"],
    ["10.1.2.3", 31, "10.1.2.2"],
    ["2001:db8::ffff", 120, "2001:db8::ff00"],
    ["2001:db8::ffff", 128, "2001:db8::ffff"],
  ])("the network of %s/%i", (address, prefixLength, network) => {
    expect(networkOf({ address, prefixLength })).toEqual({ address: network, prefixLength });
  });

  test("the same object looks the same whatever its interface's number", () => {
    const listed = { links: [link(40, "eth0")], addresses: [], routes: [], rules: [] };
    const [object] = desired([holding("VI", { addresses: [virtualAddress("192.0.2.1")] })], listed.links).objects;
    expect(object?.text).toBe("address 192.0.2.1/32 dev eth0");
    expect(actualObjects(listed)).toEqual([]);
  });
});
