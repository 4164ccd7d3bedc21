import { type Entries, keyword } from "../keyword.ts";
import { flag } from "../values/flag.ts";
import { lines } from "../values/lines.ts";
import { script } from "../values/script.ts";
import { tracked } from "../values/weight.ts";

/** What an instance and a sync group do when their state changes. */
export const notifyRows = {
  notify_master: keyword(script, { summary: "run when it becomes master" }),
  notify_backup: keyword(script, { summary: "run when it becomes backup" }),
  notify_fault: keyword(script, { summary: "run when it gets into the fault state" }),
  notify_stop: keyword(script, { summary: "run when VRRP ends" }),
  notify: keyword(script, { summary: "run at every change, with kind, name, state and priority as arguments" }),
  notify_priority_changes: keyword(flag, {
    summary: "FIFOs are told of changed priorities, too",
    defaultText: "vrrp_notify_priority_changes",
  }),
  smtp_alert: keyword(flag, { summary: "mail about its changes", defaultText: "smtp_alert_vrrp" }),
} as const satisfies Entries;

/** What an instance and a sync group watch. */
export const trackRows = {
  track_interface: keyword(lines(tracked(253)), {
    summary: "interfaces that must be up, or count with their weight",
    repeatable: true,
  }),
  track_script: keyword(lines(tracked(253)), {
    summary: "vrrp_scripts that must succeed, or count with their weight",
    repeatable: true,
  }),
  track_file: keyword(lines(tracked(254)), {
    summary: "track_files whose number counts with its weight",
    repeatable: true,
  }),
  track_process: keyword(lines(tracked(254)), {
    summary: "vrrp_track_processes that must run, or count with their weight",
    repeatable: true,
  }),
  track_bfd: keyword(lines(tracked(253)), {
    summary: "bfd_instances that must be up, or count with their weight",
    repeatable: true,
  }),
  track_virtual_server: keyword(lines(tracked(253)), {
    summary: "virtual servers whose quorum must be met, or that count with their weight",
    repeatable: true,
    ours: true,
  }),
} as const satisfies Entries;
