import type { ListenAddress } from "./keywords/values/listen-address.ts";
import type { ScriptCommand } from "./vrrp-model.ts";

/** The part of the Model that is about the program as such: what the supervisor works from. Plain data. */
export interface ProgramModel {
  /** Tells several directors on one machine apart; null: by their network namespace. */
  readonly instance: string | null;
  /** Network namespace that everything is in; null: the one it is started in. */
  readonly netNamespace: string | null;
  /** That of the IPVS table; null: the same. Of its name null stands for the one that lbctl is started in. */
  readonly ipvsNamespace: { readonly name: string | null } | null;
  /** Of the supervisor in process lists; null: lbctl, as every process of ours. */
  readonly name: string | null;
  /** Permissions that new files do not get. */
  readonly umask: number;
  /** How long the other processes may take to end; null: each its own time. */
  readonly childWaitMs: number | null;
  /** Run before the other processes start. */
  readonly startupScript: TimedScript | null;
  /** Run when they have ended. */
  readonly shutdownScript: TimedScript | null;
  /** Who may use the control socket beside root; null: the group that the supervisor has. */
  readonly controlGroup: string | null;
  /** Where metrics and the status page are served; null: nowhere. */
  readonly metricsAddress: ListenAddress | null;
  readonly dumps: DumpSettings;
  readonly reload: ReloadSettings;
}

export interface TimedScript {
  readonly script: ScriptCommand;
  readonly timeoutMs: number;
}

/** Where dumps are written; null is a file in the run directory, to which relative paths are, too. */
export interface DumpSettings {
  /** Instance and network namespace are part of the names. */
  readonly useInstance: boolean;
  readonly stateFile: string | null;
  readonly statsFile: string | null;
  readonly jsonFile: string | null;
  /** Layout of the JSON dump. */
  readonly jsonVersion: 1 | 2;
}

export interface ReloadSettings {
  /** Its first line is the time of the next reload. */
  readonly timeFile: string | null;
  /** The file stays after the reload, and a time without a date counts every day. */
  readonly repeat: boolean;
  /** Exists while the configuration is read; null: there is none, "": one in the run directory. */
  readonly markFile: string | null;
  /** What is wrong with a refused configuration is written here. */
  readonly checkLog: string | null;
  /** Configuration and state before and after each reload are kept here. */
  readonly saveDirectory: string | null;
}
