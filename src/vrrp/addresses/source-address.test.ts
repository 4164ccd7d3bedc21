import type { AddressEntry } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import { type SourceRules, sourceAddress } from "./source-address.ts";

const entry = (address: string, more: Partial<AddressEntry> = {}): AddressEntry => ({
  interface: 2,
  address,
  prefixLength: 64,
  peer: null,
  scope: 0,
  broadcast: null,
  label: null,
  preferredLifetimeS: null,
  validLifetimeS: null,
  flags: [],
  protocol: null,
  secondary: false,
  tentative: false,
  dadFailed: false,
  deprecated: false,
  permanent: true,
  ...more,
});
const none: SourceRules = { isVirtual: () => false, isStatic: () => false, last: null };

test("IPv4: the first of the interface that is not virtual", () => {
  const addresses = [entry("192.0.2.9", { interface: 3 }), entry("192.0.2.50"), entry("192.0.2.1")];
  expect(sourceAddress(addresses, 2, "inet", { ...none, isVirtual: (address) => address === "192.0.2.50" })).toEqual({
    kind: "ready",
    address: "192.0.2.1",
  });
  expect(sourceAddress(addresses, 4, "inet", none)).toEqual({ kind: "none" });
});

test("IPv6: link-local, after duplicate address detection", () => {
  const addresses = [entry("2001:db8::1"), entry("fe80::1", { tentative: true })];
  expect(sourceAddress(addresses, 2, "inet6", none)).toEqual({ kind: "tentative", address: "fe80::1" });
  expect(sourceAddress([...addresses, entry("fe80::2")], 2, "inet6", none)).toEqual({
    kind: "ready",
    address: "fe80::2",
  });
  expect(sourceAddress([entry("fe80::1", { tentative: true, dadFailed: true })], 2, "inet6", none)).toEqual({
    kind: "none",
  });
});

// The kernel lists an address of a narrower scope before those that were there.
describe("of several", () => {
  const [site, global] = [entry("198.51.100.9", { scope: 200 }), entry("192.0.2.1")];
  const ready = (address: string) => ({ kind: "ready", address });
  const source = (addresses: readonly AddressEntry[], rules: Partial<SourceRules>) =>
    sourceAddress(addresses, 2, "inet", { ...none, ...rules });
  const isStatic = (address: string) => address === site.address;

  test("the first, and then it stays", () => {
    expect(source([site, global], {})).toEqual(ready(site.address));
    expect(source([site, global], { last: global.address })).toEqual(ready(global.address));
    expect(source([site], { last: global.address })).toEqual(ready(site.address));
  });

  test("one that static_ipaddress makes only where there is no other", () => {
    expect(source([site, global], { isStatic })).toEqual(ready(global.address));
    expect(source([site, global], { isStatic, last: site.address })).toEqual(ready(global.address));
    expect(source([site], { isStatic })).toEqual(ready(site.address));
  });
});
