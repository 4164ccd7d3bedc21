import { expect, test } from "vitest";
import { fixtureHost } from "./testing/fixture-host.ts";
import { instance, lintDiagnosticsOf, lintsOf } from "./testing/lints-of.ts";

const server = (address: string) =>
  `virtual_server: [{address: "${address}", port: 80, protocol: TCP, lvs_method: DR, real_server: {address: "${address.includes(":") ? "2001:db8::99" : "192.0.2.99"}", port: 80}}]\n`;

test.each([
  ["192.0.2.10", []],
  ["192.0.2.11", []],
  ["2001:db8::10", []],
  ["198.51.100.7", []],
  ["203.0.113.1", ["vip-of-no-instance 1"]],
])("the address %s of a virtual server", (address, expected) => {
  const text = `${server(address)}static_ipaddress: [198.51.100.7/24 dev eth1]\nvrrp_instance:\n${instance(
    'virtual_ipaddress: [192.0.2.10/24], virtual_ipaddress_excluded: [192.0.2.11/24, "2001:DB8::10/64"]',
  )}`;
  expect(lintsOf(text)).toEqual(expected);
});

test("a file without instances leaves the addresses to somebody else", () => {
  expect(lintsOf(server("203.0.113.1"))).toEqual([]);
});

test("an address that this host has needs no instance", () => {
  const text = `${server("192.0.2.2")}vrrp_instance:\n${instance("virtual_ipaddress: [192.0.2.10/24]")}`;
  expect(lintsOf(text)).toEqual(["vip-of-no-instance 1"]);
  expect(lintsOf(text, fixtureHost)).toEqual([]);
});

test("a broken instance may be the one that has the address", () => {
  const broken = `${server("203.0.113.1")}vrrp_instance: [{name: VI_1, interface: eth0, virtual_router_id: 300}]\n`;
  expect(() => lintsOf(broken)).toThrow("line 2");
  const text = `${broken}`.replace("300", "30");
  expect(lintsOf(text)).toEqual(["vip-of-no-instance 1", "equal-priorities 2"]);
});

test("addresses without the length of a prefix are counted, and the first is shown", () => {
  const [said, ...more] = lintDiagnosticsOf(
    `vrrp_instance:\n${instance("virtual_ipaddress: [192.0.2.1/24, 192.0.2.2, 192.0.2.3]")}`,
  );
  expect(more).toEqual([]);
  expect(said).toMatchObject({ code: "vip-without-prefix", hint: "write the length of its network: 192.0.2.2/24" });
  expect(said?.message).toContain("as 1 more of VI_1");
});
