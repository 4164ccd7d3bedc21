import { describe, expect, test } from "vitest";
import type { ValueType } from "../value-type.ts";
import { groupMember } from "./group-member.ts";
import { staticAddress, unicastPeer, virtualAddress, virtualRule } from "./ip-lines.ts";
import { lines, names } from "./lines.ts";
import { staticRoute, virtualRoute } from "./route-line.ts";
import { tracked, weight } from "./weight.ts";

/** The value of a line, or what is said of it and of which word. */
function outcome<T>(type: ValueType<T>, text: string) {
  const words = text.split(" ").filter((word) => word !== "");
  const parsed = type.parse(words);
  if (parsed.ok) {
    expect(type.parse(type.format(parsed.value).split(" "))).toEqual(parsed);
    return parsed.value;
  }
  return `${parsed.code} at ${words[parsed.word] ?? "the end"}: ${parsed.hint}`;
}

describe("virtual_ipaddress", () => {
  test.each([
    ["192.0.2.10", { address: "192.0.2.10" }],
    ["192.0.2.10/24 dev eth0 label eth0:1", { address: "192.0.2.10/24", dev: "eth0", label: "eth0:1" }],
    [
      "2001:DB8::0:1/64 -nodad preferred_lft forever",
      { address: "2001:db8::1/64", "-nodad": true, preferred_lft: null },
    ],
    ["192.0.2.10 brd + scope link no_track", { address: "192.0.2.10", brd: "+", scope: "link", no_track: true }],
    ["dev eth0 192.0.2.10", { address: "192.0.2.10", dev: "eth0" }],
    ["192.0.2.10/33", "out-of-range at 192.0.2.10/33: the prefix is longer than the address"],
    ["192.0.2.10 dve eth0", 'invalid-value at dve: did you mean "dev"?'],
    ["192.0.2.10 dev", "invalid-value at dev: dev takes the name of a network interface, at most 15 characters"],
    ["192.0.2.10 dev eth0 dev eth1", "invalid-value at dev: dev stands there twice"],
    [
      "192.0.2.10 scope everywhere",
      "invalid-value at everywhere: expected global, site, link, host, nowhere or a number up to 255",
    ],
    ["192.0.2.10 track_group G", "invalid-value at track_group: null"],
    ["default dev eth0", "invalid-value at default: null"],
    ["192.0.2.10 brd 192.0.2.255 preferred_lft 10", { address: "192.0.2.10", brd: "192.0.2.255", preferred_lft: 10 }],
    ["192.0.2.10 preferred_lft soon", "invalid-value at soon: a number, decimal or with 0x"],
    ["192.0.2.10 label eth0:123456789012", "invalid-value at eth0:123456789012: at most 15 characters"],
    ["192.0.2.10 peer 192.0.2.11/24", "invalid-value at 192.0.2.11/24: leave out the prefix length: 192.0.2.11"],
    [
      "dev eth0",
      "invalid-value at dev: it starts with an address, perhaps with the length of its prefix: 192.0.2.10/24",
    ],
  ])("%s", (text, expected) => expect(outcome(virtualAddress, text)).toEqual(expected));

  test("static addresses may name a track_group", () => {
    expect(outcome(staticAddress, "192.0.2.10 track_group G")).toEqual({ address: "192.0.2.10", track_group: "G" });
  });
});

describe("virtual_routes", () => {
  test.each([
    [
      "10.0.0.0/8 via 192.0.2.1 dev eth0",
      { route: { network: "10.0.0.0/8", via: "192.0.2.1", dev: "eth0" }, nexthops: [] },
    ],
    ["blackhole 10.1.0.0/16", { route: { network: "10.1.0.0/16", blackhole: true }, nexthops: [] }],
    [
      "src 192.0.2.9 to 10.0.0.0/8 gw 192.0.2.1",
      { route: { src: "192.0.2.9", to: "10.0.0.0/8", gw: "192.0.2.1" }, nexthops: [] },
    ],
    [
      "default mtu lock 1400 rtt 300ms rttvar lock 2s rto_min 250",
      {
        route: {
          network: "default",
          mtu: { locked: true, value: 1400 },
          rtt: { locked: false, value: 2400 },
          rttvar: { locked: true, value: 8000 },
          rto_min: { locked: false, value: 250 },
        },
        nexthops: [],
      },
    ],
    ["default rtt soon", "invalid-value at soon: a time such as 300ms or 2s"],
    [
      "10.0.0.0/8 table 100 nexthop via 192.0.2.1 weight 2 nexthop via 192.0.2.2 dev eth1 onlink",
      {
        route: { network: "10.0.0.0/8", table: "100" },
        nexthops: [
          { via: "192.0.2.1", weight: 2 },
          { via: "192.0.2.2", dev: "eth1", onlink: true },
        ],
      },
    ],
    ["via 192.0.2.1", "invalid-value at via: a route is to a network"],
    ["10.0.0.0/8 nexthop vai 192.0.2.1", 'invalid-value at vai: did you mean "via"?'],
    ["10.0.0.0/8 nexthop", "invalid-value at nexthop: null"],
    ["10.0.0.0/8 mtu lock", "invalid-value at mtu: mtu takes an integer from 0 to 4294967295"],
  ])("%s", (text, expected) => expect(outcome(virtualRoute, text)).toEqual(expected));

  test("static routes may name a track_group", () => {
    expect(outcome(staticRoute, "10.0.0.0/8 dev eth0 track_group G")).toMatchObject({ route: { track_group: "G" } });
  });
});

describe("other lines", () => {
  test.each([
    [virtualRule, "from 192.0.2.0/24 table 100 priority 1000", { from: "192.0.2.0/24", table: "100", priority: 1000 }],
    [
      virtualRule,
      "not to 192.0.2.0/24 fwmark 1/0xff l3mdev",
      { not: true, to: "192.0.2.0/24", fwmark: { mark: 1, mask: 255 }, l3mdev: true },
    ],
    [virtualRule, "form 192.0.2.0/24", 'invalid-value at form: did you mean "from"?'],
    [unicastPeer, "192.0.2.2 min_ttl 255 max_ttl 255", { address: "192.0.2.2", min_ttl: 255, max_ttl: 255 }],
    [unicastPeer, "192.0.2.2 min_ttl 256", "out-of-range at 256: expected an integer from 0 to 255"],
    [groupMember, "192.0.2.1 80", { kind: "addresses", range: "192.0.2.1", port: 80 }],
    [groupMember, "192.0.2.1-10", { kind: "addresses", range: "192.0.2.1-10", port: null }],
    [groupMember, "192.0.2.1-192.0.3.4 80", { kind: "addresses", range: "192.0.2.1-192.0.3.4", port: 80 }],
    [groupMember, "2001:db8::1-ff 80", { kind: "addresses", range: "2001:db8::1-ff", port: 80 }],
    [groupMember, "192.0.2.0/28 80", { kind: "addresses", range: "192.0.2.0/28", port: 80 }],
    [groupMember, "fwmark 7 inet6", { kind: "fwmark", fwmark: 7, family: "inet6" }],
    [groupMember, "fwmark 0", "out-of-range at 0: null"],
    [
      groupMember,
      "192.0.2.1-a.b 80",
      "invalid-value at 192.0.2.1-a.b: 192.0.2.1, 192.0.2.1-10, 192.0.2.1-192.0.3.10 or 192.0.2.0/28",
    ],
    [groupMember, "192.0.2.1 80 81", "too-many-values at 81: null"],
    [weight(253), "-10 reverse", { weight: -10, reverse: true }],
    [weight(253), "254", "out-of-range at 254: null"],
    [weight(253), "10 backwards", 'invalid-value at backwards: "reverse" or nothing'],
    [tracked(253), "eth1", { name: "eth1", weight: null, reverse: null }],
    [tracked(253), "eth1 weight 5 noreverse", { name: "eth1", weight: 5, reverse: false }],
    [tracked(253), "eth1 wieght 5", 'invalid-value at wieght: "weight" or nothing follows the name'],
    [tracked(253), "eth1 weight", 'invalid-value at weight: "weight" takes a number'],
  ] as const)("%# %s", (type, text, expected) =>
    expect(outcome<unknown>(type as ValueType<unknown>, text)).toEqual(expected),
  );
});

describe("blocks of lines", () => {
  test("take each line by itself, and name the one that is wrong", () => {
    const type = lines(virtualAddress);
    expect(type.parse(["192.0.2.10/24 dev eth0", "192.0.2.11"])).toEqual({
      ok: true,
      value: [{ address: "192.0.2.10/24", dev: "eth0" }, { address: "192.0.2.11" }],
    });
    expect(type.parse(["192.0.2.10", "192.0.2.11 dve eth0"])).toMatchObject({ code: "invalid-value", word: 1 });
    expect(type.parse([])).toMatchObject({ code: "missing-value" });
    expect(type.parse(["192.0.2.10", "  "])).toMatchObject({ code: "invalid-value", word: 1 });
  });

  test("names may share a line", () => {
    expect(names.shape).toBe("words");
    expect(names.parse(["VI_1", "VI_2", "VI_3"])).toEqual({ ok: true, value: ["VI_1", "VI_2", "VI_3"] });
    expect(names.parse(["VI_1", "VI_2", "{"])).toMatchObject({ code: "invalid-value", word: 2 });
  });
});
