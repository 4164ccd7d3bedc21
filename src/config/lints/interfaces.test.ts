import { expect, test } from "vitest";
import { fixtureHost } from "./testing/fixture-host.ts";
import { instance, lintDiagnosticsOf, lintsOf } from "./testing/lints-of.ts";

const on = (settings: string, link = "eth0", globals = "") =>
  `${globals}vrrp_instance:\n${instance(settings).replace("interface: eth0", `interface: ${link}`)}`;

test.each<[string, string, string[]]>([
  ["eth1", "", []],
  ["eth9", "", ["interface-missing 2"]],
  ["eth0", "track_interface: [eth1, lo weight 10]", []],
  ["eth0", "track_interface: [eth7, eth1, eth8 weight 10]", ["interface-missing 2", "interface-missing 2"]],
  ["eth0", "use_vmac: vrrp.51, track_interface: [vrrp.51]", []],
])("on %s, %s", (link, settings, wanted) => {
  expect(lintsOf(on(settings, link), fixtureHost).filter((line) => line.startsWith("interface"))).toEqual(wanted);
});

test("says what follows, and what was probably meant", () => {
  const said = lintDiagnosticsOf(on("", "ethO"), fixtureHost);
  expect(said).toMatchObject([
    {
      message: "this host has no interface ethO: the instance stays in FAULT until it is there",
      hint: 'did you mean "eth0"?',
    },
  ]);
  const [tracked, weighted] = lintDiagnosticsOf(on("track_interface: [bond17, wan-uplink weight 20]"), fixtureHost);
  expect(tracked).toMatchObject({
    message: "this host has no interface bond17: it counts as down, and the instance stays in FAULT",
    hint: "it has eth0, eth1; write dynamic_interfaces if it comes later",
  });
  expect(weighted?.message).toBe("this host has no interface wan-uplink: it counts as down");
});

test("nothing where interfaces are to come, are those of another namespace, or are not known", () => {
  const missing = (globals: string) => on("", "eth9", globals);
  expect(lintsOf(missing("global_defs: {dynamic_interfaces: null}\n"), fixtureHost)).toEqual([]);
  expect(lintsOf(missing("net_namespace: blue\n"), fixtureHost)).toEqual([]);
  expect(lintsOf(missing(""), { ...fixtureHost, interfaces: null })).toEqual([]);
  expect(lintsOf(missing(""))).toEqual([]);
});
