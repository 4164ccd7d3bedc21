import { expect, test } from "vitest";
import { instance, lintDiagnosticsOf, lintsOf } from "./testing/lints-of.ts";

const strict = (settings: string) => lintsOf(`global_defs: {vrrp_strict: true}\nvrrp_instance:\n${instance(settings)}`);

test.each([
  ["", []],
  ["preempt_delay: 60", ["strict-contradiction 3"]],
  ["preempt_delay: 60, strict_mode: false", []],
  ["unicast_peer: [192.0.2.3]", ["strict-contradiction 3"]],
  ["authentication: {auth_type: PASS, auth_pass: x}", ["strict-contradiction 3"]],
  ["state: MASTER", ["strict-contradiction 3"]],
  ["down_timer_adverts: 4", ["strict-contradiction 3"]],
  ["state: MASTER, priority: 255", []],
  ["accept: true", ["strict-contradiction 3"]],
  ["accept: true, version: 3", []],
  ["lower_prio_no_advert: false", ["strict-contradiction 3"]],
  ["lower_prio_no_advert: true", []],
  ["vmac_xmit_base: true", ["strict-contradiction 3"]],
  ["virtual_ipaddress: [192.0.2.10/24]", ["strict-unreachable 1"]],
  ["virtual_ipaddress: [192.0.2.10/24], priority: 255", []],
  ["virtual_ipaddress: [192.0.2.10/24], accept: true, version: 3", []],
])("%s: %j", (settings, expected) => {
  expect(strict(settings)).toEqual(expected);
});

test("without strict mode there is nothing to say", () => {
  expect(lintsOf(`vrrp_instance:\n${instance("preempt_delay: 60, virtual_ipaddress: [192.0.2.10/24]")}`)).toEqual([]);
});

test("the addresses are named once for all, and of many the first", () => {
  const instances = [1, 2, 3, 4].map((vrid) => instance(`virtual_ipaddress: [192.0.2.${vrid}/24]`, `VI_${vrid}`, vrid));
  const said = lintDiagnosticsOf(`global_defs: {vrrp_strict: true}\nvrrp_instance:\n${instances.join("")}`);
  expect(said.map(({ message }) => message)).toEqual([
    "a master whose priority is not 255 drops what comes to 192.0.2.1, 192.0.2.2, 192.0.2.3 and 1 more: no ping, no connection, no virtual server",
  ]);
});
