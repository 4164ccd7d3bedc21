import { describe, expect, test } from "vitest";
import type { InstanceNotify, ScriptCommand } from "../config/vrrp-model.ts";
import { type VrrpState, vrrpNotification } from "./vrrp-notification.ts";

const script = (command: string): ScriptCommand => ({ command, user: null, group: null });

const notify: InstanceNotify = {
  master: script("master"),
  backup: script("backup"),
  fault: script("fault"),
  stop: script("stop"),
  any: script("any"),
  deleted: { script: script("deleted") },
  masterRxLowerPri: script("lower"),
  priorityChanges: true,
  smtpAlert: true,
};

const instance = (to: VrrpState | "MASTER_RX_LOWER_PRI" | "BACKUP_PRIORITY", change: Partial<InstanceNotify> = {}) =>
  vrrpNotification({ kind: "INSTANCE", name: "VI_1", to, priority: 100, notify: { ...notify, ...change } }, null);

const commands = (notification: ReturnType<typeof vrrpNotification>) =>
  notification?.scripts.map((each) => [each.script.command, ...each.moreArguments].join(" "));

describe("what is told of VRRP", () => {
  // As keepalived 2.2.7 was seen to do it.
  test.each([
    ["MASTER", ["master", "any INSTANCE VI_1 MASTER 100"]],
    ["BACKUP", ["backup", "any INSTANCE VI_1 BACKUP 100"]],
    ["FAULT", ["fault", "any INSTANCE VI_1 FAULT 100"]],
    ["STOP", ["stop", "any INSTANCE VI_1 STOP 100"]],
    ["DELETED", ["deleted", "any INSTANCE VI_1 DELETED 100"]],
    ["MASTER_RX_LOWER_PRI", ["lower"]],
    ["BACKUP_PRIORITY", []],
  ] as const)("an instance and %s", (to, expected) => {
    const notification = instance(to);
    expect(commands(notification)).toEqual(expected);
    expect(notification?.fifo).toEqual({ events: "vrrp", line: `INSTANCE "VI_1" ${to} 100` });
    expect(notification?.target).toBe("INSTANCE VI_1");
  });

  test("without notify_deleted an instance that is dropped is told to be in the fault state", () => {
    const notification = instance("DELETED", { deleted: null });
    expect(commands(notification)).toEqual(["fault", "any INSTANCE VI_1 FAULT 100"]);
    expect(notification?.fifo?.line).toBe('INSTANCE "VI_1" FAULT 100');
    expect(commands(instance("DELETED", { deleted: { script: null } }))).toEqual(["any INSTANCE VI_1 DELETED 100"]);
  });

  test("changes of priority are told on demand only", () =>
    expect(instance("BACKUP_PRIORITY", { priorityChanges: false })).toBeNull());

  test("a group has no priority", () => {
    const notification = vrrpNotification({ kind: "GROUP", name: "G", to: "MASTER", notify }, "All members are ready.");
    expect(commands(notification)).toEqual(["master", "any GROUP G MASTER 0"]);
    expect(notification?.fifo?.line).toBe('GROUP "G" MASTER 0');
    expect(notification?.mail).toEqual({
      subject: "VRRP Group G - Entering MASTER state",
      text: expect.stringMatching(/has the virtual addresses\.\nAll members are ready\.$/),
    });
  });

  test("mail is for those who want it, and not at the end", () => {
    expect(instance("FAULT")?.mail?.subject).toBe("VRRP Instance VI_1 - Entering FAULT state");
    expect(instance("FAULT", { smtpAlert: false })?.mail).toBeNull();
    expect(instance("STOP")?.mail).toBeNull();
  });
});
