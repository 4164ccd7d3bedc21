import { expect, test } from "vitest";
import { noContext, parseConfig } from "./parse-config.ts";

function saidOf(text: string, file: string): string[] {
  const result = parseConfig(text, file, noContext);
  return (result.ok ? result.warnings : result.diagnostics)
    .filter(({ severity }) => severity === "error")
    .map(({ code, line, message }) => `${line} ${code}: ${message}`);
}

const conf = (vrid: string, script = "") => `vrrp_script chk_web {
    script "/bin/true"
${script}}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id ${vrid}
    virtual_ipaddress {
        192.0.2.1/24
    }
    track_script {
        chk_web
        chk_wbe weight 5
    }
    track_process {
        nginx
    }
}
`;
const unknown = [
  "unknown-reference: there is no vrrp_script chk_wbe",
  "unknown-reference: there is no vrrp_track_process nginx",
];

test("unknown names are said beside the error for which their block is left out", () => {
  const [line12, line15] = [`12 ${unknown[0]}`, `15 ${unknown[1]}`];
  expect(saidOf(conf("51"), "lb.conf")).toEqual([line12, line15]);
  expect(saidOf(conf("300"), "lb.conf")).toEqual([expect.stringMatching(/^6 /), line12, line15]);
});

test("not where the name may be that of a block with errors", () => {
  const wrong = saidOf(conf("300", "    interval soon\n"), "lb.conf");
  expect(wrong.filter((line) => line.includes("chk_wbe"))).toEqual([]);
  expect(wrong.filter((line) => line.includes("nginx"))).toHaveLength(1);
});

test("of sync groups, and in YAML", () => {
  const yaml = `vrrp_sync_group:
  - {name: G, group: [VI_1], smtp_alert: perhaps, track_script: [chk_web, chk_mail weight 3]}
vrrp_script: [{name: chk_web, script: /bin/true}]
vrrp_instance: [{name: VI_1, interface: eth0, virtual_router_id: 51, virtual_ipaddress: [192.0.2.1/24]}]
`;
  const said = saidOf(yaml, "lb.yaml");
  expect(said).toContain("2 unknown-reference: there is no vrrp_script chk_mail");
  expect(said).toHaveLength(2);
});
