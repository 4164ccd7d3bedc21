import { describe, expect, test } from "vitest";
import type { InstanceNotify, VrrpSyncGroup } from "../config/vrrp-model.ts";
import type { Phase } from "../vrrp/machine/phase.ts";
import { instance as sample } from "../vrrp/machine/testing/samples.ts";
import type { RunnerEvent } from "../vrrp/process/runner-event.ts";
import { hasNotifyScripts, VrrpNotifier } from "./vrrp-notifier.ts";

const silent: InstanceNotify = {
  ...{ master: null, backup: null, fault: null, stop: null, any: null, deleted: null, masterRxLowerPri: null },
  priorityChanges: false,
  smtpAlert: false,
};
const instance = (name: string, notify: Partial<InstanceNotify> = {}) =>
  sample({ name, notify: { ...silent, ...notify } });
const none = { interfaces: [], scripts: [], files: [], processes: [], bfds: [], virtualServers: [] };
const group = (name: string, ...members: string[]): VrrpSyncGroup => ({
  ...{ name, members, tracks: none, trackingWeight: false },
  notify: { ...silent, smtpAlert: true },
});
const changed = (name: string, from: Phase, to: Phase, kind: "started" | "reconfigured" = "started"): RunnerEvent => ({
  type: "changed",
  change: {
    ...{ instance: name, from, to, lastedMs: 10, priority: 100 },
    because: kind === "started" ? { kind } : { kind, settings: ["interface"] },
  },
});
const priority = (name: string, to: number): RunnerEvent => ({
  type: "priority_changed",
  change: { instance: name, from: 100, to, basePriority: 100, contributions: [] },
});

function lines(notifier: VrrpNotifier, ...events: RunnerEvent[]): (string | undefined)[] {
  return notifier.happened(events, { mailsFaults: true }).map(({ fifo }) => fifo?.line);
}

describe("what is told of VRRP", () => {
  // As keepalived 2.2.7 was seen to do it.
  test("at a stop all instances come before all groups, however late the last one stops", () => {
    const notifier = new VrrpNotifier({
      instances: ["A", "B", "C"].map((name) => instance(name)),
      syncGroups: [group("G", "A"), group("H", "B")],
    });
    for (const name of ["A", "B", "C"]) lines(notifier, changed(name, "initialize", "backup"));
    expect(lines(notifier, changed("A", "backup", "stopped"), changed("B", "backup", "stopped"))).toEqual([
      'INSTANCE "A" STOP 100',
      'INSTANCE "B" STOP 100',
    ]);
    expect(lines(notifier, changed("C", "backup", "stopped"))).toEqual([
      ...['INSTANCE "C" STOP 100', 'GROUP "G" STOP 0', 'GROUP "H" STOP 0'],
    ]);
  });

  test("what was to be told of a stop is forgotten if a VRRP process begins again", () => {
    const notifier = new VrrpNotifier({ instances: [instance("A"), instance("B")], syncGroups: [group("G", "A")] });
    for (const name of ["A", "B"]) lines(notifier, changed(name, "initialize", "backup"));
    expect(lines(notifier, changed("A", "backup", "stopped"))).toEqual(['INSTANCE "A" STOP 100']);
    expect(lines(notifier, changed("A", "initialize", "backup"), changed("B", "initialize", "backup"))).toEqual([
      ...['GROUP "G" BACKUP 0', 'INSTANCE "A" BACKUP 100'],
    ]);
    expect(lines(notifier, changed("A", "backup", "stopped"), changed("B", "backup", "stopped"))).toEqual([
      ...['INSTANCE "A" STOP 100', 'INSTANCE "B" STOP 100', 'GROUP "G" STOP 0'],
    ]);
  });

  // As keepalived 2.2.7 was seen to do it.
  test("a group follows its instances", () => {
    const notifier = new VrrpNotifier({
      instances: [instance("A"), instance("B")],
      syncGroups: [group("G", "A", "B")],
    });
    expect(lines(notifier, changed("A", "initialize", "backup"))).toEqual(['INSTANCE "A" BACKUP 100']);
    expect(lines(notifier, changed("B", "initialize", "backup"))).toEqual([
      'GROUP "G" BACKUP 0',
      'INSTANCE "B" BACKUP 100',
    ]);
    expect(lines(notifier, changed("A", "backup", "master"), changed("B", "backup", "master"))).toEqual([
      'INSTANCE "A" MASTER 100',
      'INSTANCE "B" MASTER 100',
      'GROUP "G" MASTER 0',
    ]);
    expect(lines(notifier, changed("A", "master", "stopped"), changed("B", "master", "stopped"))).toEqual([
      'INSTANCE "A" STOP 100',
      'INSTANCE "B" STOP 100',
      'GROUP "G" STOP 0',
    ]);
  });

  // As keepalived 2.2.7 was seen to do it.
  test("at the start instances in fault are told first, then groups, then the others", () => {
    const names = ["A", "B", "C", "D", "E"];
    const notifier = new VrrpNotifier({
      instances: names.map((name) => instance(name)),
      syncGroups: [group("G", "B", "C"), group("H", "D", "E")],
    });
    const started = names.map((name) => changed(name, "initialize", name === "D" || name === "E" ? "fault" : "backup"));
    expect(lines(notifier, ...started, changed("A", "backup", "master"))).toEqual([
      'INSTANCE "D" FAULT 100',
      'INSTANCE "E" FAULT 100',
      'GROUP "G" BACKUP 0',
      'GROUP "H" FAULT 0',
      'INSTANCE "A" BACKUP 100',
      'INSTANCE "B" BACKUP 100',
      'INSTANCE "C" BACKUP 100',
      'INSTANCE "A" MASTER 100',
    ]);
    expect(lines(notifier, changed("D", "fault", "backup"), changed("E", "fault", "backup"))).toEqual([
      'INSTANCE "D" BACKUP 100',
      'INSTANCE "E" BACKUP 100',
      'GROUP "H" BACKUP 0',
    ]);
  });

  test("no state is told twice, nor one that is on its way to another", () => {
    const notifier = new VrrpNotifier({ instances: [instance("A")], syncGroups: [] });
    expect(lines(notifier, changed("A", "initialize", "backup"), changed("A", "backup", "master"))).toHaveLength(2);
    expect(lines(notifier, changed("A", "master", "leaving"), changed("A", "leaving", "master"))).toEqual([]);
    // The VRRP process was killed, and the new one goes on as master.
    expect(lines(notifier, changed("A", "initialize", "master"))).toEqual([]);
    expect(lines(notifier, changed("A", "master", "stopped", "reconfigured"))).toEqual([]);
    expect(lines(notifier, changed("A", "initialize", "backup"))).toEqual(['INSTANCE "A" BACKUP 100']);
  });

  test("an instance that a reload drops is told as deleted, as it was configured", () => {
    const deleted = { script: { command: "gone", user: null, group: null } };
    const notifier = new VrrpNotifier({ instances: [instance("A", { deleted }), instance("B")], syncGroups: [] });
    lines(notifier, changed("A", "initialize", "master"), changed("B", "initialize", "backup"));
    notifier.configure({ instances: [], syncGroups: [] });
    const [told] = notifier.happened([changed("A", "master", "stopped")], { mailsFaults: true });
    expect(told).toMatchObject({
      fifo: { line: 'INSTANCE "A" DELETED 100' },
      scripts: [{ script: { command: "gone" } }],
    });
    expect(lines(notifier, changed("B", "backup", "stopped"))).toEqual(['INSTANCE "B" FAULT 100']);
    expect(notifier.everything()).toEqual([]);
  });

  test("priorities are told to those who want them, of masters and backups", () => {
    const notifier = new VrrpNotifier({
      instances: [instance("A", { priorityChanges: true }), instance("B")],
      syncGroups: [],
    });
    lines(notifier, changed("A", "initialize", "backup"), changed("B", "initialize", "backup"));
    expect(lines(notifier, priority("A", 90), priority("B", 90))).toEqual(['INSTANCE "A" BACKUP_PRIORITY 90']);
    expect(lines(notifier, changed("A", "backup", "master"), priority("A", 95)).at(-1)).toBe(
      'INSTANCE "A" MASTER_PRIORITY 95',
    );
    expect(lines(notifier, changed("A", "master", "fault"), priority("A", 96))).toEqual(['INSTANCE "A" FAULT 100']);
  });

  test("an inferior advert runs the script for it", () => {
    const notifier = new VrrpNotifier({
      instances: [instance("A", { masterRxLowerPri: { command: "lower", user: null, group: null } })],
      syncGroups: [],
    });
    lines(notifier, changed("A", "initialize", "master"));
    const advert = { source: "192.0.2.9", priority: 50, advertMs: 1000 };
    const told = notifier.happened([{ type: "lower_priority_received", instance: "A", advert }], { mailsFaults: true });
    expect(told).toMatchObject([
      {
        scripts: [{ script: { command: "lower" } }],
        fifo: { line: 'INSTANCE "A" MASTER_RX_LOWER_PRI 100' },
        mail: null,
      },
    ]);
  });

  test("mail says why; with no_email_faults faults are not mailed", () => {
    const mailed = () =>
      new VrrpNotifier({ instances: [instance("A", { smtpAlert: true })], syncGroups: [group("G", "A")] });
    const fault = [changed("A", "initialize", "fault")];
    const [ofInstance, ofGroup] = mailed().happened(fault, { mailsFaults: true });
    expect(ofInstance?.mail?.text).toContain("It was initialize until now: started.");
    expect(ofGroup?.mail?.subject).toBe("VRRP Group G - Entering FAULT state");
    expect(
      mailed()
        .happened(fault, { mailsFaults: false })
        .map(({ mail }) => mail),
    ).toEqual([null, null]);
  });

  test("everything that is known goes to FIFOs alone", () => {
    const notifier = new VrrpNotifier({
      instances: [instance("A", { smtpAlert: true })],
      syncGroups: [group("G", "A")],
    });
    expect(notifier.everything()).toEqual([]);
    lines(notifier, changed("A", "initialize", "backup"));
    expect(notifier.everything()).toEqual([
      { target: "INSTANCE A", scripts: [], fifo: { events: "vrrp", line: 'INSTANCE "A" BACKUP 100' }, mail: null },
      { target: "GROUP G", scripts: [], fifo: { events: "vrrp", line: 'GROUP "G" BACKUP 0' }, mail: null },
    ]);
  });

  test("scripts are seen", () => {
    expect(hasNotifyScripts({ instances: [instance("A")], syncGroups: [group("G", "A")] })).toBe(false);
    const any = { command: "any", user: null, group: null };
    expect(hasNotifyScripts({ instances: [instance("A", { any })], syncGroups: [] })).toBe(true);
  });
});
