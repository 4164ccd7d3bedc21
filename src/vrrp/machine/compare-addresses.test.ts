import { expect, test } from "vitest";
import { compareAddresses } from "./compare-addresses.ts";

test.each([
  ["192.0.2.2", "192.0.2.1"],
  // As numbers, not as text.
  ["192.0.2.10", "192.0.2.9"],
  ["200.0.0.1", "100.255.255.255"],
  ["fe80::10", "fe80::9"],
  ["fe80:0:0:1::", "fe80::ffff:ffff:ffff:ffff"],
])("%s is greater than %s", (greater, lesser) => {
  expect(compareAddresses(greater, lesser)).toBeGreaterThan(0);
  expect(compareAddresses(lesser, greater)).toBeLessThan(0);
  expect(compareAddresses(greater, greater)).toBe(0);
});

test("what is no address is an error", () => expect(() => compareAddresses("eth0", "192.0.2.1")).toThrow(RangeError));
