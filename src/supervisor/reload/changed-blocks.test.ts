import { expect, test } from "vitest";
import { noContext, parseConfig } from "../../config/parse-config.ts";
import { describeChanges } from "../../control/describe-changes.ts";
import { changedBlocks } from "./changed-blocks.ts";

const instance = (vrid: number, more = "") => `vrrp_instance VI_${vrid} {
  interface eth0
  virtual_router_id ${vrid}
  virtual_ipaddress { 192.0.2.${vrid} }
  ${more}
}
`;
const script = (interval: number) =>
  `vrrp_script chk {\n  script "/bin/true"\n  interval ${interval}\n  user root\n}\n`;
const session = "bfd_instance gw {\n  neighbor_ip 192.0.2.254\n  source_ip 192.0.2.1\n}\n";

function modelsOf(text: string) {
  const result = parseConfig(text, "lb.conf", noContext);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result;
}

const said = (before: string, now: string) => describeChanges(changedBlocks(modelsOf(before), modelsOf(now)));

test.each([
  ["nothing", instance(1), instance(1), []],
  ["a comment", instance(1), `# new\n${instance(1)}`, []],
  ["a priority", instance(1), instance(1, "priority 150"), ["vrrp_instance VI_1 changed"]],
  [
    "one for another",
    instance(1) + instance(2),
    instance(2) + instance(3) + instance(4),
    ["vrrp_instance VI_1 removed", "vrrp_instance VI_3, VI_4 added"],
  ],
  ["a script", instance(1) + script(1), instance(1) + script(2), ["vrrp_script chk changed"]],
  ["a session", instance(1), instance(1) + session, ["bfd_instance gw added"]],
])("%s", (_, before, now, changes) => expect(said(before, now)).toEqual(changes));

test("of many the first ones are named", () => {
  const many = Array.from({ length: 8 }, (_, index) => instance(index + 2)).join("");
  expect(said(instance(1), instance(1) + many)).toEqual([
    "vrrp_instance VI_2, VI_3, VI_4, VI_5, VI_6 and 3 more added",
  ]);
});
