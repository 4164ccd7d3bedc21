import { expect, test } from "vitest";
import { instance, lintDiagnosticsOf, lintsOf } from "./testing/lints-of.ts";

const scripts = "vrrp_script: [{name: chk, script: /bin/true, weight: -5}, {name: fault, script: /bin/true}]\n";
const of = (settings: string) => lintsOf(`${scripts}vrrp_instance:\n${instance(settings)}`);

test.each([
  ["state: MASTER, nopreempt: true", ["nopreempt-with-master 3"]],
  ["state: MASTER, preempt: false", ["nopreempt-with-master 3"]],
  ["state: MASTER, preempt_delay: 60", ["preempt-delay-with-master 3"]],
  ["state: MASTER, preempt_delay: 0", []],
  ["state: MASTER, preempt: true", []],
  ["state: BACKUP, nopreempt: true, preempt_delay: 60", []],
  ["nopreempt: true", []],
  ["nopreempt: true, track_script: [chk]", ["nopreempt-with-weight 3"]],
  ["nopreempt: true, track_script: [chk weight 0]", []],
  ["nopreempt: true, track_script: [fault]", []],
  ["nopreempt: true, track_script: [fault weight 10]", ["nopreempt-with-weight 3"]],
  ["nopreempt: true, track_interface: [eth1]", []],
  ["track_script: [chk]", []],
])("%s: %j", (settings, expected) => {
  expect(of(settings)).toEqual(expected);
});

test("says from which priority to which", () => {
  const message = (track: string) =>
    lintDiagnosticsOf(`${scripts}vrrp_instance:\n${instance(`nopreempt: true, ${track}`)}`)[0]?.message;
  expect(message("track_script: [chk]")).toContain("from 101 to 96");
  expect(message("track_script: [chk weight 20]")).toContain("from 121 to 101");
  expect(message("track_script: [chk weight 20 reverse]")).toContain("from 81 to 101");
});
