import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressesOf, addressNumber, parseAddressRange } from "./address-range.ts";

const list = (text: string) => {
  const range = parseAddressRange(text);
  return range && [...addressesOf(range)];
};

describe("ranges of addresses", () => {
  test.each([
    ["192.0.2.7", ["192.0.2.7"]],
    ["192.0.2.7-9", ["192.0.2.7", "192.0.2.8", "192.0.2.9"]],
    ["192.0.2.254-192.0.3.1", ["192.0.2.254", "192.0.2.255", "192.0.3.0", "192.0.3.1"]],
    ["192.0.2.8/30", ["192.0.2.8", "192.0.2.9", "192.0.2.10", "192.0.2.11"]],
    ["192.0.2.8/32", ["192.0.2.8"]],
    ["2001:db8::fe-101", ["2001:db8::fe", "2001:db8::ff", "2001:db8::100", "2001:db8::101"]],
    ["2001:db8::ffff-2001:db8::1:0", ["2001:db8::ffff", "2001:db8::1:0"]],
    ["2001:db8::/127", ["2001:db8::", "2001:db8::1"]],
  ])("%s", (text, addresses) => expect(list(text)).toEqual(addresses));

  test.each([
    "",
    "-",
    "192.0.2.1-",
    "192.0.2.1-2-3",
    "192.0.2.0/24-9",
    "192.0.2.1-2001:db8::1",
    "web",
    "2001:db8::1-xyz",
  ])("%j is none", (text) => expect(parseAddressRange(text)).toBeNull());

  test("a large prefix is counted without being listed", () => {
    expect(parseAddressRange("2001:db8::/64")?.count).toBe(1n << 64n);
  });

  test("holds as many addresses as it counts, each one after the last", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, fc.integer({ min: 0, max: 40 }), (a, b, more) => {
        const first = addressNumber(`192.${a}.${b}.250`);
        const addresses = [...addressesOf({ family: "inet", first, count: BigInt(more + 1) })];
        expect(addresses.map(addressNumber)).toEqual(addresses.map((_, index) => first + BigInt(index)));
        expect(list(`192.${a}.${b}.250-${addresses.at(-1)}`)).toEqual(addresses);
      }),
    );
  });
});
