import { expect, test } from "vitest";
import { instance, lintsOf } from "./testing/lints-of.ts";

const of = (daemon: string, settings = "") =>
  lintsOf(`global_defs: {lvs_sync_daemon: ${daemon}}\nvrrp_instance:\n${instance(settings)}`);

test.each([
  ["eth1 VI_1", "", []],
  ["eth1 inst VI_1 id 7", "", []],
  ["eth1 VI_2", "", ["sync-daemon-without-instance 1"]],
  ["eth1", "", ["sync-daemon-without-instance 1"]],
  ["eth1", "lvs_sync_daemon_interface: eth1", []],
  ["eth1 VI_1", "state: MASTER", ["sync-without-delay 3"]],
  ["eth1 VI_1", "state: BACKUP, preempt_delay: 60", []],
])("%s, instance with %s: %j", (daemon, settings, expected) => {
  expect(of(daemon, settings)).toEqual(expected);
});
