import type { WrittenGlobalDefs, WrittenVrrpInstance, WrittenVrrpSyncGroup } from "../../keywords/table.ts";
import type { Script } from "../../keywords/values/script.ts";
import type { InstanceNotify, Notify, ScriptCommand } from "../../vrrp-model.ts";

export function expandNotify(written: WrittenVrrpInstance | WrittenVrrpSyncGroup, globals: WrittenGlobalDefs): Notify {
  const command = (script: Script | undefined) => (script === undefined ? null : commandOf(script, globals));
  return {
    master: command(written.notify_master),
    backup: command(written.notify_backup),
    fault: command(written.notify_fault),
    stop: command(written.notify_stop),
    any: command(written.notify),
    priorityChanges: written.notify_priority_changes ?? globals.vrrp_notify_priority_changes ?? false,
    smtpAlert: written.smtp_alert ?? globals.smtp_alert_vrrp ?? globals.smtp_alert ?? false,
  };
}

export function expandInstanceNotify(written: WrittenVrrpInstance, globals: WrittenGlobalDefs): InstanceNotify {
  const { notify_deleted: deleted, notify_master_rx_lower_pri: lower } = written;
  return {
    ...expandNotify(written, globals),
    deleted: deleted === undefined ? null : { script: deleted === null ? null : commandOf(deleted, globals) },
    masterRxLowerPri: lower === undefined ? null : commandOf(lower, globals),
  };
}

/** Whoever is not named behind the script is script_user. */
export function commandOf({ command, user, group }: Script, globals: WrittenGlobalDefs): ScriptCommand {
  if (user !== null) return { command, user, group };
  return { command, user: globals.script_user?.user ?? null, group: globals.script_user?.group ?? null };
}
