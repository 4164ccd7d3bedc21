import { describe, expect, test } from "vitest";
import { noContext, parseConfig } from "../parse-config.ts";
import { lintCodes } from "./lint-codes.ts";

/** What lb1 is told of a keepalived.conf. */
function saidOf(text: string): string[] {
  const result = parseConfig(text, "lb.conf", { ...noContext, configId: "lb1" });
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  return diagnostics.filter(({ code }) => Object.hasOwn(lintCodes, code)).map(({ message }) => message);
}

const script = "vrrp_script chk {\n script /bin/true\n}\ntrack_file load {\n file /run/load\n}\n";
const pair = (ours: string, theirs: string, weight: number, more = "") =>
  saidOf(
    `${script}vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n@lb1 ${ours}\n@lb2 ${theirs}\n track_script {\n chk weight ${weight}\n }\n${more}}\n`,
  );

describe("one file for two routers", () => {
  test("the weight is too small to matter, or is not", () => {
    expect(pair("priority 150", "priority 100", -20)).toEqual([
      "the weights decide nothing: with everything bad VI_1 has 150 - 20 = 130, still above the 100 that @lb2 has",
    ]);
    expect(pair("priority 101", "priority 100", -5)).toEqual([]);
    expect(pair("priority 120", "priority 100", -20)).toEqual([]);
    expect(pair("priority 150", "priority 100", 20)).toEqual([
      "the weights decide nothing: with everything bad VI_1 has 150, still above the 120 that @lb2 has, at best",
    ]);
    // The one with the lower priority is not told a second time.
    expect(pair("priority 100", "priority 150", -20)).toEqual([]);
    expect(pair("priority 150", "priority 100", 0)).toEqual([]);
  });

  test("a number in a file may be anything", () => {
    const tracked = "track_file {\n load\n }\n";
    expect(pair("priority 150", "priority 100", -20, tracked)).toEqual([]);
  });

  test("equal priorities", () => {
    expect(pair("priority 100", "priority 100", -20)).toEqual([
      "VI_1 has the priority 100 for @lb2, too: the router with the higher address is master",
    ]);
  });
});

test("instances are told by their number, and by their name when several have it", () => {
  const twins = (name: string) =>
    `vrrp_instance ${name} {\n interface eth${name}\n virtual_router_id 51\n@lb1 priority 10${name}\n@lb2 priority 101\n}\n`;
  expect(saidOf(twins("1") + twins("2"))).toEqual([
    "1 has the priority 101 for @lb2, too: the router with the higher address is master",
  ]);
});

test("a file without @id lines, or of another router only, tells nothing of peers", () => {
  const instance = "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n priority 100\n}\n";
  expect(saidOf(instance)).toEqual([]);
  expect(saidOf(`${instance}@lb1 # lb2 has none\n`)).toEqual([]);
  expect(saidOf(`# @lb2 priority 100\n${instance}`)).toEqual([]);
  expect(saidOf(`@lb2 include what-is-not-here.conf\n${instance}`)).toEqual([]);
});
