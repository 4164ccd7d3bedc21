import { describe, expect, test } from "vitest";
import type { ValueType } from "../value-type.ts";
import { groupMember } from "./group-member.ts";
import { staticRule, virtualAddress } from "./ip-lines.ts";
import { lifetime, mark } from "./network.ts";
import { broadcast, multicast, scope } from "./network-words.ts";
import { virtualRoute } from "./route-line.ts";

const takes = (type: ValueType<unknown>, line: string) => type.parse(line.split(" ")).ok;
const hintOf = (type: ValueType<unknown>, line: string) => {
  const parsed = type.parse(line.split(" "));
  return parsed.ok ? null : [parsed.word, parsed.hint];
};

describe("addresses of a kind", () => {
  test("groups are multicast, of the family that is wanted", () => {
    expect(multicast("inet").parse(["224.0.0.18"])).toEqual({ ok: true, value: "224.0.0.18" });
    expect(multicast(null).parse(["FF02::0:12"])).toEqual({ ok: true, value: "ff02::12" });
    expect(hintOf(multicast("inet"), "ff02::12")).toEqual([0, "it is an address of IPv6"]);
    expect(hintOf(multicast(null), "192.0.2.1")).toEqual([0, "224.0.0.0/4 and ff00::/8 are multicast"]);
    for (const word of ["223.255.255.255", "240.0.0.1", "fe80::1", "224.0.0", ""])
      expect(takes(multicast(null), word)).toBe(false);
  });

  test("brd takes what ip-address(8) takes", () => {
    expect(["+", "-", "192.0.2.255"].map((word) => takes(broadcast, word))).toEqual([true, true, true]);
    expect(["fe80::1", "default", "192.0.2.300"].map((word) => takes(broadcast, word))).toEqual([false, false, false]);
  });

  test("numbers may be names where iproute2 has some", () => {
    expect(["link", "0", "255", "0xfe"].every((word) => takes(scope, word))).toBe(true);
    expect(["galaxy", "256", "-1", "0x100"].some((word) => takes(scope, word))).toBe(false);
    expect(["forever", "0", "4294967295"].every((word) => takes(lifetime, word))).toBe(true);
    expect(["5s", "-1", "4294967296"].some((word) => takes(lifetime, word))).toBe(false);
    expect(["5", "0x5/0xff"].every((word) => takes(mark, word))).toBe(true);
    expect(["x", "5/x", "5/"].some((word) => takes(mark, word))).toBe(false);
  });
});

describe("lines", () => {
  test("of an address", () => {
    expect(takes(virtualAddress, "192.0.2.1 peer 192.0.2.99 brd + scope 23 label eth0:1 preferred_lft 0")).toBe(true);
    expect(hintOf(virtualAddress, "192.0.2.1 peer 192.0.2.99/32")).toEqual([
      2,
      "leave out the prefix length: 192.0.2.99",
    ]);
    expect(takes(virtualAddress, "192.0.2.1/24 label averyverylonglabel")).toBe(false);
  });

  test("of a rule", () => {
    expect(
      takes(staticRule, "from 10.0.0.0/8 fwmark 5/7 sport 80-80 uidrange 5-6 realms 3/4 ipproto tcp lookup 100"),
    ).toBe(true);
    expect(hintOf(staticRule, "from 10.0.0.0/8 sport 80 table 5")?.[0]).toBe(3);
    expect(hintOf(staticRule, "from 10.0.0.0/8 tos 256 table 5")).toEqual([3, "expected a number up to 0xff"]);
  });

  test("of a route, with what encapsulates it", () => {
    const line =
      "10.0.0.0/8 encap ip id 5 dst 192.0.2.9 ttl 3 via 192.0.2.254 nexthop via 192.0.2.1 encap mpls 100/200";
    const parsed = virtualRoute.parse(line.split(" "));
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        route: { network: "10.0.0.0/8", encap: "ip id 5 dst 192.0.2.9 ttl 3", via: "192.0.2.254" },
        nexthops: [{ via: "192.0.2.1", encap: "mpls 100/200" }],
      },
    });
    if (parsed.ok) expect(virtualRoute.parse(virtualRoute.format(parsed.value).split(" "))).toEqual(parsed);
    expect(hintOf(virtualRoute, "10.0.0.0/8 encap vxlan 5")).toEqual([2, "encap is mpls, ila, ip, ip6"]);
    expect(hintOf(virtualRoute, "10.0.0.0/8 encap ip dst x dev eth0")?.[0]).toBe(4);
    expect(hintOf(virtualRoute, "10.0.0.0/8 encap ip")).toEqual([2, "ip has options such as dst and src"]);
    // What is wrong behind it is found where it stands.
    expect(hintOf(virtualRoute, "10.0.0.0/8 encap mpls 5 metric x")?.[0]).toBe(5);
  });

  test.each([
    ["192.0.2.1-10 80", true],
    ["192.0.2.1-192.0.2.1", true],
    ["2001:db8::1-ff 80", true],
    ["2001:db8::/64 80", true],
    ["192.0.2.0/28 80", true],
    ["192.0.2.1-1 80", false],
    ["192.0.2.19-10 80", false],
    ["192.0.2.10-192.0.2.1 80", false],
    ["192.0.2.1-300 80", false],
    ["192.0.2.1-ff 80", false],
    ["2001:db8::5-3 80", false],
    ["192.0.2.1-2001:db8::1 80", false],
    ["192.0.2.1/24 80", false],
  ])("of a group: %s", (line, good) => expect(takes(groupMember, line)).toBe(good));
});
