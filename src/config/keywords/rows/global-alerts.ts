import { keyword } from "../keyword.ts";
import { flag } from "../values/flag.ts";
import { lines } from "../values/lines.ts";
import { fifo, script } from "../values/script.ts";
import { mailAddress, mailServer } from "../values/system.ts";
import { hostText } from "../values/text.ts";
import { timer, wholeSeconds } from "../values/timer.ts";

/** Mail and FIFOs. */
export const alertRowsOfGlobalDefs = {
  notification_email: keyword(lines(mailAddress), { summary: "who gets mail about changes of state" }),
  notification_email_from: keyword(mailAddress, {
    summary: "sender of the mails",
    defaultText: "keepalived@ and the host name",
  }),
  smtp_server: keyword(mailServer, { summary: "mail server that the mails are given to; port 25 by default" }),
  smtp_helo_name: keyword(hostText, {
    summary: "name this host greets the mail server with",
    defaultText: "the host name",
  }),
  smtp_connect_timeout: keyword(wholeSeconds(1, 4294), { summary: "patience with the mail server", default: 30 }),
  smtp_alert: keyword(flag, { summary: "mail about every change, unless a narrower setting says otherwise" }),
  smtp_alert_vrrp: keyword(flag, { summary: "mail about VRRP instances and sync groups", defaultText: "smtp_alert" }),
  smtp_alert_checker: keyword(flag, { summary: "mail about virtual and real servers", defaultText: "smtp_alert" }),
  no_email_faults: keyword(flag, {
    summary: "no mail when a VRRP instance gets into the fault state",
    default: false,
  }),
  no_checker_emails: keyword(flag, {
    summary: "no mail for each check that changes; only for real servers that come and go",
    noEffect: "mail is about real servers only, never about each check",
  }),
  notify_fifo: keyword(fifo, { summary: "FIFO that every change of state is written to, a line each" }),
  notify_fifo_script: keyword(script, { summary: "run to read notify_fifo, whose path is its last argument" }),
  vrrp_notify_fifo: keyword(fifo, { summary: "FIFO for the changes of VRRP instances and sync groups" }),
  vrrp_notify_fifo_script: keyword(script, {
    summary: "run to read vrrp_notify_fifo, whose path is its last argument",
  }),
  lvs_notify_fifo: keyword(fifo, { summary: "FIFO for the changes of virtual and real servers" }),
  lvs_notify_fifo_script: keyword(script, {
    summary: "run to read lvs_notify_fifo, whose path is its last argument",
  }),
  rs_init_notifies: keyword(flag, {
    summary: "notifications are made at the start for real servers that come up",
    default: false,
  }),
  notify_script_timeout: keyword(timer(1000, 86_400_000), {
    summary: "time after which a notify or quorum script is killed",
    default: 60_000,
    ours: true,
  }),
  fifo_write_vrrp_states_on_reload: keyword(flag, {
    summary: "the states of instances and groups are written to the FIFOs again at every reload",
    default: false,
  }),
  vrrp_notify_priority_changes: keyword(flag, {
    summary: "FIFOs are told of changed priorities, too",
    default: false,
  }),
};
