import { expect, test } from "vitest";
import { fixtureHost } from "./testing/fixture-host.ts";
import { instance, lintDiagnosticsOf, lintsOf } from "./testing/lints-of.ts";

const of = (settings: string) => lintsOf(`vrrp_instance:\n${instance(settings)}`, fixtureHost);

test.each([
  ["unicast_src_ip: 192.0.2.2, unicast_peer: [192.0.2.3]", []],
  ["unicast_src_ip: 192.0.2.9, unicast_peer: [192.0.2.3]", ["unicast-source-missing 2"]],
  ["unicast_src_ip: 192.0.2.2, unicast_peer: [192.0.2.3, 192.0.2.2]", ["unicast-source-is-peer 2"]],
  ["unicast_peer: [192.0.2.3, 198.51.100.2]", ["unicast-source-is-peer 2"]],
  [
    'unicast_src_ip: "2001:DB8::1", unicast_peer: ["2001:db8:0::1"]',
    ["unicast-source-missing 2", "unicast-source-is-peer 2"],
  ],
])("%s: %j", (settings, expected) => {
  expect(of(settings)).toEqual(expected);
});

test("what is true of this host only is left out when nothing is known of it", () => {
  const text = `vrrp_instance:\n${instance("unicast_src_ip: 192.0.2.9, unicast_peer: [198.51.100.2, 192.0.2.9]")}`;
  expect(lintsOf(text)).toEqual(["unicast-source-is-peer 2"]);
  expect(lintsOf(text, { ...fixtureHost, addresses: null })).toEqual(["unicast-source-is-peer 2"]);
});

test("the hint names what could be meant", () => {
  const hint = (settings: string) => lintDiagnosticsOf(`vrrp_instance:\n${instance(settings)}`, fixtureHost)[0]?.hint;
  expect(hint("unicast_src_ip: 192.0.2.9")).toBe("eth0 has 192.0.2.2");
  expect(hint("unicast_src_ip: 192.0.2.9, virtual_ipaddress: [192.0.2.9/24]")).toContain("it is a virtual address");
  expect(hint('unicast_src_ip: "2001:db8::9"')).toContain("drop adverts");
});
