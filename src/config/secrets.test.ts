import { expect, test } from "vitest";
import { formatDiagnostic } from "./format-diagnostic.ts";
import { noContext, parseConfig } from "./parse-config.ts";
import { withoutSecrets } from "./secrets.ts";

test.each([
  [
    "authentication: { auth_type: PASS, auth_pass: hunter2 }",
    "authentication: { auth_type: PASS, auth_pass: ******* }",
  ],
  ['        auth_pass "hunter 2" # the old one', "        auth_pass ********** # the old one"],
  ['{"auth_pass":"hunter2","x":1}', '{"auth_pass":*********,"x":1}'],
  ['    auth_hmac: { key: ["1 hunter2"], active_key: 1 }', '    auth_hmac: { key: ["1 *******"], active_key: 1 }'],
  ["        key 12 hex:00ff", "        key 12 ********"],
  ["SSL: { key: /etc/lbctl/tls.key, password: hunter2 }", "SSL: { key: /etc/lbctl/tls.key, password: ******* }"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in a file.
  ["auth_pass: ${env:VRRP_PASS}", "auth_pass: ${env:VRRP_PASS}"],
  ["auth_type: PASS", "auth_type: PASS"],
])("%s", (line, masked) => expect(withoutSecrets(line)).toBe(masked));

const instance = (written: string) =>
  `vrrp_instance:\n  - name: VI_1\n    interface: eth0\n    virtual_router_id: 51\n    virtual_ipaddress: [192.0.2.1]\n${written}`;

/** What is said of a file ends in the log, in events, in status and on the status page. */
test.each([
  ["a key that is too short", '    auth_hmac: { active_key: 1, key: ["1 hunter2"] }\n', "invalid-value"],
  [
    "one on a line of its own",
    "    auth_hmac:\n      active_key: 1\n      key:\n        - 1 hunter2\n",
    "invalid-value",
  ],
  ["two passwords", "    authentication: { auth_type: PASS, auth_pass: [hunter2, hunter2] }\n", "too-many-values"],
  [
    "a password of the wrong kind",
    '    authentication: { auth_type: PASS, auth_pass: "hunter2\\x07" }\n',
    "invalid-value",
  ],
  ["a neighbour of one", "    authentication: { auth_typ: PASS, auth_pass: hunter2 }\n", "unknown-keyword"],
])("%s is refused and not shown", (_, written, code) => {
  const result = parseConfig(instance(written), "/etc/lbctl/lbctl.yaml", noContext);
  const diagnostics = result.ok ? [] : result.diagnostics;
  expect(diagnostics.map((each) => each.code)).toContain(code);
  expect(JSON.stringify(diagnostics)).not.toContain("hunter2");
  expect(diagnostics.map((each) => formatDiagnostic(each)).join()).not.toContain("hunter2");
});
