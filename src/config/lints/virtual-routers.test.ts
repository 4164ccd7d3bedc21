import { expect, test } from "vitest";
import { instance, lintsOf } from "./testing/lints-of.ts";

const two = (first: string, second: string, vrid = 51) =>
  lintsOf(`vrrp_instance:\n${instance(first)}${instance(second, "VI_2", vrid)}`);

test.each([
  ["virtual_ipaddress: [192.0.2.10/24]", 'virtual_ipaddress: ["2001:db8::1/64"]', []],
  ["unicast_peer: [192.0.2.3]", "unicast_peer: [192.0.2.4]", []],
  ["unicast_peer: [192.0.2.3]", "", ["duplicate-vrid 3"]],
])("one number twice: %s and %s", (first, second, expected) => {
  expect(two(first, second)).toEqual(expected);
  expect(two(first, second, 52)).toEqual([]);
});

test("one number on two interfaces is right for a pair of networks", () => {
  const other = "  - {name: VI_2, priority: 100, interface: eth1, virtual_router_id: 51}\n";
  expect(lintsOf(`vrrp_instance:\n${instance("")}${other}`)).toEqual([]);
});

test("an instance without a priority", () => {
  expect(lintsOf("vrrp_instance: [{name: VI_1, interface: eth0, virtual_router_id: 51}]")).toEqual([
    "equal-priorities 1",
  ]);
});
