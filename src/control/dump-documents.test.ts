import { describe, expect, test } from "vitest";
import { noContext, readConfig, understand } from "../config/parse-config.ts";
import { configurationLines, withoutSecrets } from "./dump-documents.ts";

describe("withoutSecrets", () => {
  test.each([
    [
      "auth_pass",
      { authentication: { type: "PASS", password: "x" } },
      { authentication: { type: "PASS", password: "(hidden)" } },
    ],
    ["no password", { tls: { password: null } }, { tls: { password: null } }],
    ["keys of HMAC", { keys: [{ id: 1, key: "abc" }] }, { keys: [{ id: 1, key: "(hidden)" }] }],
    ["the place of a key", { keys: [{ id: 1, key: "file:/etc/k" }] }, { keys: [{ id: 1, key: "file:/etc/k" }] }],
    ["other keys", { service: { key: "TCP 192.0.2.1:80" }, id: 3 }, { service: { key: "TCP 192.0.2.1:80" }, id: 3 }],
    ["plain values", [1, "password", null, true], [1, "password", null, true]],
  ])("%s", (_what, value, shown) => {
    expect(withoutSecrets(value)).toEqual(shown);
  });
});

test("configurationLines has a line for every part", () => {
  const text = `vrrp_script chk {\nscript /bin/true\n}\nvrrp_instance A {\ninterface e0\nvirtual_router_id 7
authentication {\nauth_type PASS\nauth_pass secret12\n}\nvirtual_ipaddress {\n192.0.2.1\n}\n}
virtual_server 192.0.2.1 80 {\nprotocol TCP\nreal_server 10.0.0.1 80 {\n}\n}\n`;
  const lines = configurationLines(understand(readConfig(text, "x.conf", noContext), "x.conf"));
  expect(lines.map((line) => line.slice(0, line.indexOf("{")))).toEqual([
    "configuration: program ",
    "configuration: global_defs ",
    "configuration: vrrp ",
    expect.stringMatching(/^configuration: scripts \[/),
    "configuration: vrrp_instance A ",
    "configuration: virtual_server TCP 192.0.2.1:80 ",
  ]);
  expect(lines.join("\n")).not.toContain("secret12");
});
