import { expect, test } from "vitest";
import { networkContains, networkOf } from "./network.ts";

const contains = (network: string, address: string) =>
  networkContains(networkOf(network) ?? { address: "", prefixLength: 0 }, address);

test.each([
  ["192.0.2.10/24", "192.0.2.255", true],
  ["192.0.2.10/24", "192.0.3.10", false],
  ["192.0.2.10/25", "192.0.2.128", false],
  ["192.0.2.10/31", "192.0.2.11", true],
  ["192.0.2.10", "192.0.2.10", true],
  ["192.0.2.10", "192.0.2.11", false],
  ["0.0.0.0/0", "192.0.2.11", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["2001:db8::1/64", "2001:db8::ffff", true],
  ["2001:db8::1/127", "2001:db8::2", false],
  ["2001:db8::1/64", "192.0.2.1", false],
])("%s, %s: %s", (network, address, expected) => {
  expect(contains(network, address)).toBe(expected);
});

test("a word is no network", () => {
  expect(networkOf("default")).toBeNull();
  expect(networkOf("2001:db8::1")).toEqual({ address: "2001:db8::1", prefixLength: 128 });
});
