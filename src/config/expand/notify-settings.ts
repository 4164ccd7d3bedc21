import {
  globalDefs,
  type WrittenGlobalDefs,
  type WrittenRealServer,
  type WrittenVirtualServer,
} from "../keywords/table.ts";
import type { MailSettings, NotifyFifo, NotifySettings, QuorumNotify, RealServerNotify } from "../notify-model.ts";
import type { Problem } from "./problem.ts";
import { commandOf } from "./vrrp/notify.ts";

const rows = globalDefs.entries;
const smtpPort = 25;

/** How scripts are run and who else is told. Pure. */
export function expandNotifySettings(written: WrittenGlobalDefs, problems: Problem[]): NotifySettings {
  return {
    scriptUser: written.script_user ?? null,
    scriptSecurity: written.enable_script_security ?? rows.enable_script_security.row.default,
    scriptTimeoutMs: written.notify_script_timeout ?? rows.notify_script_timeout.row.default,
    fifos: expandFifos(written, problems),
    mail: expandMail(written, problems),
    realServersAtStart: written.rs_init_notifies ?? rows.rs_init_notifies.row.default,
    vrrpStatesAtReload: written.fifo_write_vrrp_states_on_reload ?? rows.fifo_write_vrrp_states_on_reload.row.default,
  };
}

const fifos = [
  { keyword: "notify_fifo", script: "notify_fifo_script", events: "all" },
  { keyword: "vrrp_notify_fifo", script: "vrrp_notify_fifo_script", events: "vrrp" },
  { keyword: "lvs_notify_fifo", script: "lvs_notify_fifo_script", events: "lvs" },
] as const;

function expandFifos(written: WrittenGlobalDefs, problems: Problem[]): NotifyFifo[] {
  const taken = new Map<string, string>();
  return fifos.flatMap(({ keyword, script: scriptKeyword, events }) => {
    const [fifo, script] = [written[keyword], written[scriptKeyword]];
    if (fifo === undefined) {
      if (script !== undefined) {
        const message = `${scriptKeyword} changes nothing without ${keyword}`;
        problems.push({ path: ["global_defs", scriptKeyword], code: "no-effect", message });
      }
      return [];
    }
    const other = taken.get(fifo.path);
    if (other !== undefined) {
      const message = `${fifo.path} is the FIFO of ${other} already`;
      const hint = "each needs a path of its own; notify_fifo alone has every change";
      problems.push({ path: ["global_defs", keyword], code: "conflicting-keywords", message, hint });
    }
    taken.set(fifo.path, keyword);
    const owner = fifo.user === null ? null : { user: fifo.user, group: fifo.group };
    return [{ events, path: fifo.path, owner, script: script === undefined ? null : commandOf(script, written) }];
  });
}

function expandMail(written: WrittenGlobalDefs, problems: Problem[]): MailSettings | null {
  const { notification_email: recipients = [], smtp_server: server } = written;
  const lacks = (given: string, lacking: string): null => {
    const message = `${given} changes nothing without ${lacking}: no mail is sent`;
    problems.push({ path: ["global_defs", given], code: "no-effect", message });
    return null;
  };
  if (server === undefined) return recipients.length === 0 ? null : lacks("notification_email", "smtp_server");
  if (recipients.length === 0) return lacks("smtp_server", "notification_email");
  return {
    recipients,
    from: written.notification_email_from ?? null,
    server: { host: server.host as string, port: server.port ?? smtpPort },
    heloName: written.smtp_helo_name ?? null,
    connectTimeoutMs: written.smtp_connect_timeout === undefined ? 30_000 : written.smtp_connect_timeout * 1000,
    routerId: written.router_id ?? null,
    vrrpFaults: !(written.no_email_faults ?? rows.no_email_faults.row.default),
  };
}

export function expandQuorumNotify(written: WrittenVirtualServer, globals: WrittenGlobalDefs): QuorumNotify | null {
  const { quorum_up: up, quorum_down: down, omega = false } = written;
  const smtpAlert = written.smtp_alert ?? globals.smtp_alert_checker ?? globals.smtp_alert ?? false;
  if (up === undefined && down === undefined && !smtpAlert && !omega) return null;
  return {
    up: up === undefined ? null : commandOf(up, globals),
    down: down === undefined ? null : commandOf(down, globals),
    smtpAlert,
    omega,
  };
}

export function expandRealServerNotify(
  written: WrittenRealServer,
  globals: WrittenGlobalDefs,
): RealServerNotify | null {
  const { notify_up: up, notify_down: down } = written;
  // Unlike virtual servers, real servers have it by default (keepalived.conf(5)).
  const smtpAlert = written.smtp_alert ?? globals.smtp_alert_checker ?? globals.smtp_alert ?? true;
  const isMailed = smtpAlert && globals.notification_email !== undefined;
  if (up === undefined && down === undefined && !isMailed) return null;
  return {
    up: up === undefined ? null : commandOf(up, globals),
    down: down === undefined ? null : commandOf(down, globals),
    smtpAlert,
  };
}
