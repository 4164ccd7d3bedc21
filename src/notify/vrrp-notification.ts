import type { InstanceNotify, Notify, ScriptCommand } from "../config/vrrp-model.ts";
import type { Alert, Notification, ScriptRun } from "./notification.ts";

export type VrrpState = "MASTER" | "BACKUP" | "FAULT" | "STOP" | "DELETED";

/** What scripts and FIFOs can be told of VRRP. */
export type VrrpChange =
  | {
      readonly kind: "INSTANCE";
      readonly name: string;
      readonly to: VrrpState | "MASTER_RX_LOWER_PRI" | "MASTER_PRIORITY" | "BACKUP_PRIORITY";
      /** In force now. */
      readonly priority: number;
      readonly notify: InstanceNotify;
    }
  | {
      readonly kind: "GROUP";
      readonly name: string;
      readonly to: Exclude<VrrpState, "DELETED">;
      readonly notify: Notify;
    };

/**
 * Who is told of a change, and what: the script of the new state, then the one for any, with keepalived's arguments (`INSTANCE
 * name state priority`); the line of the FIFOs; the mail. Null when nobody may be told. `why` is a sentence for the mail.
 */
export function vrrpNotification(change: VrrpChange, why: string | null): Notification | null {
  const { kind, name, notify } = change;
  const priority = kind === "GROUP" ? 0 : change.priority;
  // Without notify_deleted an instance that a reload drops ends as one in the fault state.
  const to = kind === "INSTANCE" && change.to === "DELETED" && change.notify.deleted === null ? "FAULT" : change.to;
  const target = `${kind} ${name}`;
  const fifo = { events: "vrrp", line: `${kind} "${name}" ${to} ${priority}` } as const;
  switch (to) {
    case "MASTER_PRIORITY":
    case "BACKUP_PRIORITY":
      return notify.priorityChanges ? { target, scripts: [], fifo, mail: null } : null;
    case "MASTER_RX_LOWER_PRI": {
      const script = kind === "INSTANCE" ? change.notify.masterRxLowerPri : null;
      return { target, scripts: [...runs(script)], fifo, mail: null };
    }
    default: {
      const words = [kind, name, to, String(priority)];
      const scripts = [...runs(scriptOf(change, to)), ...runs(notify.any, words)];
      return { target, scripts, fifo, mail: notify.smtpAlert ? alert(change, to, why) : null };
    }
  }
}

function scriptOf(change: VrrpChange, to: VrrpState): ScriptCommand | null {
  const { notify } = change;
  switch (to) {
    case "MASTER":
      return notify.master;
    case "BACKUP":
      return notify.backup;
    case "FAULT":
      return notify.fault;
    case "STOP":
      return notify.stop;
    case "DELETED":
      return change.kind === "INSTANCE" ? (change.notify.deleted?.script ?? null) : null;
  }
}

function runs(script: ScriptCommand | null, moreArguments: readonly string[] = []): ScriptRun[] {
  return script === null ? [] : [{ script, moreArguments }];
}

/** The subjects are keepalived's, by which people's filters go. */
function alert({ kind, name }: VrrpChange, to: VrrpState, why: string | null): Alert | null {
  if (to === "STOP" || to === "DELETED") return null;
  const what = kind === "GROUP" ? "Group" : "Instance";
  const addresses = kind === "GROUP" ? "all of its instances are" : "it is";
  const text = `${name} enters the state ${to}: ${addresses} ${to === "MASTER" ? "master and has the virtual addresses" : `${to.toLowerCase()} and without the virtual addresses`}.`;
  return { subject: `VRRP ${what} ${name} - Entering ${to} state`, text: why === null ? text : `${text}\n${why}` };
}
