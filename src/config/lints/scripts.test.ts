import { describe, expect, test } from "vitest";
import { interpret } from "../interpret.ts";
import { noContext, parseConfig } from "../parse-config.ts";
import { sourceOf } from "../source.ts";
import { readYaml } from "../yaml/read-yaml.ts";
import { hostQuestions } from "./host-questions.ts";
import { fixtureHost } from "./testing/fixture-host.ts";
import { lintsOf } from "./testing/lints-of.ts";

const notify = (command: string, more = "") =>
  `${more}vrrp_instance: [{name: VI_1, interface: eth0, virtual_router_id: 51, priority: 1, notify: ${command}}]\n`;

describe("programs of this host", () => {
  test.each([
    ["/etc/lb/good", []],
    ["/etc/lb/absent all", ["script-missing 1"]],
    ["killall -0 nginx", ["script-missing 1"]],
    ["/etc/lb/notes", ["script-not-executable 1"]],
    ["/srv/scripts/tell", ["script-writable 1"]],
    ["/never/looked/up", []],
    ["/etc/lb/absent | grep up", []],
    ["[/home/eve/tell, eve]", []],
    ["[/etc/lb/notes, nobody-there]", []],
  ])("%s: %j", (command, expected) => {
    expect(lintsOf(notify(command), fixtureHost)).toEqual(expected);
    expect(lintsOf(notify(command))).toEqual([]);
  });

  test("run as script_user when nobody says otherwise", () => {
    expect(lintsOf(notify("/home/eve/tell", "global_defs: {script_user: eve}\n"), fixtureHost)).toEqual([]);
    expect(lintsOf(notify("/home/eve/tell", "global_defs: {script_user: root}\n"), fixtureHost)).toEqual([
      "script-writable 2",
      "script-writable 2",
    ]);
  });

  test("what is wrong with a command line is said where it stands first", () => {
    const server = (port: number) =>
      `  - {address: 192.0.2.1, port: ${port}, protocol: TCP, quorum_up: /etc/lb/absent, real_server: {address: 10.0.0.1, port: 80}}\n`;
    expect(lintsOf(`virtual_server:\n${server(80)}${server(81)}`, fixtureHost)).toEqual(["script-missing 2"]);
  });
});

test("only what a configuration has is looked up", () => {
  const questions = (yaml: string) => {
    const source = sourceOf("lb.yaml", yaml);
    return hostQuestions(interpret(readYaml(source, noContext).nodes).config, [source]);
  };
  expect(questions("virtual_server: [{address: 192.0.2.1, port: 80, protocol: TCP}]")).toEqual({
    programs: [],
    users: [],
    files: [],
    keyFiles: [],
  });
  expect(
    questions(
      `vrrp_script: [{name: a, script: /a b, user: eve}, {name: b, script: c}, {name: c, script: d | e}, {name: d, script: ./f}]\n${notify("/a")}`,
    ),
  ).toEqual({ programs: ["/a", "c"], users: ["keepalived_script", "root", "eve"], files: [], keyFiles: [] });
});

test("a configuration with errors is linted as far as it is understood", () => {
  const result = parseConfig(`${notify("/bin/x $Y")}virtual_servr: []\n`, "lb.yaml");
  expect(result.ok ? [] : result.diagnostics.map(({ code }) => code)).toEqual([
    "no-virtual-address",
    "shell-syntax",
    "unknown-keyword",
  ]);
});
