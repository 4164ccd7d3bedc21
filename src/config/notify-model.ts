import type { ScriptCommand } from "./vrrp-model.ts";

/** A user, and a group that stands in for the user's own. */
export interface UserAndGroup {
  readonly user: string;
  readonly group: string | null;
}

/** How scripts are run and who else is told of changes, wherever they happen. Plain data. */
export interface NotifySettings {
  /** For scripts that name no user; null: keepalived_script if it exists, else the user of the daemon. */
  readonly scriptUser: UserAndGroup | null;
  /** No script runs as root that others than root could replace. */
  readonly scriptSecurity: boolean;
  /** Of notify and quorum scripts (ours: `notify_script_timeout`). */
  readonly scriptTimeoutMs: number;
  /** Paths are unique. */
  readonly fifos: readonly NotifyFifo[];
  /** Null: nobody is written to. */
  readonly mail: MailSettings | null;
  /** At the start real servers that come up are told, too. */
  readonly realServersAtStart: boolean;
  /** FIFOs are told of all instances and groups again after each reload. */
  readonly vrrpStatesAtReload: boolean;
}

export interface NotifyFifo {
  readonly events: "all" | "vrrp" | "lvs";
  readonly path: string;
  /** Null: the user of scripts. */
  readonly owner: UserAndGroup | null;
  /** Runs as long as we do, with the path as its last argument. */
  readonly script: ScriptCommand | null;
}

export interface MailSettings {
  /** At least one. */
  readonly recipients: readonly string[];
  /** Null: keepalived@ and the host name. */
  readonly from: string | null;
  readonly server: { readonly host: string; readonly port: number };
  /** Null: the host name. */
  readonly heloName: string | null;
  readonly connectTimeoutMs: number;
  /** In every subject; null: the host name. */
  readonly routerId: string | null;
  /** An instance or a group that gets into the fault state is worth a mail. */
  readonly vrrpFaults: boolean;
}

/** Whom a virtual server tells of its quorum; FIFOs are told anyhow. */
export interface QuorumNotify {
  readonly up: ScriptCommand | null;
  readonly down: ScriptCommand | null;
  readonly smtpAlert: boolean;
  /** An ordered stop is told as if everything went down. */
  readonly omega: boolean;
}

/** Whom a real server tells that it went up or down; FIFOs are told anyhow. */
export interface RealServerNotify {
  readonly up: ScriptCommand | null;
  readonly down: ScriptCommand | null;
  readonly smtpAlert: boolean;
}

/** Without a word about it in the configuration. */
export const defaultNotifySettings: NotifySettings = {
  scriptUser: null,
  scriptSecurity: false,
  scriptTimeoutMs: 60_000,
  fifos: [],
  mail: null,
  realServersAtStart: false,
  vrrpStatesAtReload: false,
};
