import type { ScriptCommand } from "../config/vrrp-model.ts";

/** Something that happened, with everything that is to be done to tell of it. Plain data. */
export interface Notification {
  /** Its scripts wait for those of earlier notifications with the same target, and run one after the other. */
  readonly target: string;
  readonly scripts: readonly ScriptRun[];
  /** A line of FIFOs without its end, and for which. */
  readonly fifo: { readonly events: "vrrp" | "lvs"; readonly line: string } | null;
  readonly mail: Alert | null;
}

export interface ScriptRun {
  readonly script: ScriptCommand;
  /** Behind those that the command line has. */
  readonly moreArguments: readonly string[];
}

/** A mail; who gets it and where it comes from are settings. */
export interface Alert {
  /** Without the name of this host. */
  readonly subject: string;
  readonly text: string;
}
