import { expect, test } from "vitest";
import { fixtureHost } from "./testing/fixture-host.ts";
import { instance, lintsOf } from "./testing/lints-of.ts";

const of = (settings: string, host: typeof fixtureHost | null = null) =>
  lintsOf(
    `virtual_server: [{address: 192.0.2.10, port: 80, protocol: TCP, ${settings}}]\nvrrp_instance:\n${instance("virtual_ipaddress: [192.0.2.10/24]")}`,
    host,
  );

test.each([
  ["real_server: [{address: 10.0.0.1, port: 80}, {address: 192.0.2.20, port: 80}]", ["nat-on-vip-network 1"]],
  ["real_server: [{address: 10.0.0.1, port: 80}]", []],
  ["lvs_method: DR, real_server: [{address: 192.0.2.20, port: 80}]", []],
  ["lvs_method: DR, real_server: [{address: 192.0.2.20, port: 80, lvs_method: NAT}]", ["nat-on-vip-network 1"]],
  ["real_server: [{address: 192.0.2.20, port: 80, lvs_method: DR}]", []],
])("%s: %j", (settings, expected) => {
  expect(of(settings)).toEqual(expected);
});

test("the director itself may be a real server", () => {
  expect(of("real_server: [{address: 192.0.2.2, port: 80}]", fixtureHost)).toEqual([]);
});

test("the network of an address that this host has", () => {
  const text =
    "virtual_server: [{address: 192.0.2.2, port: 80, protocol: TCP, real_server: {address: 192.0.2.20, port: 80}}]";
  expect(lintsOf(text)).toEqual([]);
  expect(lintsOf(text, fixtureHost)).toEqual(["nat-on-vip-network 1"]);
});
