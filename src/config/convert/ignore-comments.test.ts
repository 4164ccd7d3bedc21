import { expect, test } from "vitest";
import { noContext, parseConfig, readConfig } from "../parse-config.ts";
import { convert } from "./convert.ts";

/** The codes of what is said of a configuration. */
function codesOf(text: string, file: string): string[] {
  const result = parseConfig(text, file, noContext);
  return (result.ok ? result.warnings : result.diagnostics).map(({ code }) => code);
}

/** What is said of a keepalived.conf, and of what `lbctl convert` makes of it. */
function saidOf(conf: string): { before: string[]; after: string[]; yaml: string } {
  const conversion = convert(readConfig(conf, "lb.conf", noContext, "keepalived"), "lb.conf", "high");
  if (!conversion.ok) throw new Error(JSON.stringify(conversion.diagnostics));
  return { before: codesOf(conf, "lb.conf"), after: codesOf(conversion.text, "lb.yaml"), yaml: conversion.text };
}

const realServer = (above = "", behind = "") =>
  `    ${above}\n    real_server 10.0.0.1 8080 { ${behind}\n        weight 2\n    }\n`;
const virtualServer = (inside: string, { above = "", behind = "", address = "192.0.2.1" } = {}) =>
  `${above}\nvirtual_server ${address} 80 { ${behind}\n    protocol TCP\n    lvs_sched sh\n    lvs_method DR\n${inside}}\n`;
const both = "# lbctl: ignore=hash-without-fallback,port-ignored on purpose";
const everything = ["hash-without-fallback", "port-ignored"];

test.each<[string, string, string[]]>([
  ["nowhere", virtualServer(realServer()), everything],
  ["above a block", virtualServer(realServer(), { above: both }), []],
  ["above a block, as keepalived's other comments", virtualServer(realServer(), { above: both.replace("#", "!") }), []],
  ["behind the brace of a block", virtualServer(realServer(), { behind: both }), []],
  ["above a block within", virtualServer(realServer(both)), ["hash-without-fallback"]],
  ["behind the brace of a block within", virtualServer(realServer("", both)), ["hash-without-fallback"]],
  [
    "above one of two",
    virtualServer(realServer(), { above: both }) + virtualServer(realServer(), { address: "192.0.2.2" }),
    everything,
  ],
  [
    "above the second of two",
    virtualServer(realServer()) + virtualServer(realServer(), { above: both, address: "192.0.2.2" }),
    everything,
  ],
  ["above the second of two within", virtualServer(realServer() + realServer(both).replace("0.1", "0.2")), everything],
])("a comment %s silences the same in both languages", (_, conf, wanted) => {
  const { before, after, yaml } = saidOf(conf);
  expect(before.toSorted()).toEqual(wanted);
  expect(after.toSorted(), yaml).toEqual(wanted);
});
