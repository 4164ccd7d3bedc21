import type { ScriptCommand } from "../config/vrrp-model.ts";
import type { ProgramEnd } from "./program.ts";

/** One run of a script that somebody waits for: a check, or what has to be known before going on. Plain data. */
export interface ScriptRequest {
  /** Chosen by who asks; the result carries it. */
  readonly id: number;
  readonly script: ScriptCommand;
  /** Behind those that the command line has. */
  readonly moreArguments: readonly string[];
  /** From its start until its process group is asked to end; two seconds later it is killed. */
  readonly timeoutMs: number;
  /** Scripts of one target run one after the other, in the order of the requests; null: this one waits for none. */
  readonly target: string | null;
}

/** It never ran: no such user, no right to become it, script security, a command line that is none, no process to run it. */
export interface NotRun {
  readonly kind: "not_run";
  /** For people. */
  readonly message: string;
}

/** What became of a request. */
export interface ScriptResult {
  readonly id: number;
  readonly end: ProgramEnd | NotRun;
  /** The beginning of what it wrote to standard output and error. */
  readonly output: string;
  readonly tookMs: number;
}

/** It ran to its end and said that all is well. */
export function succeeded({ end }: Pick<ScriptResult, "end">): boolean {
  return end.kind === "exited" && end.status === 0;
}

/** "exited with 3", "did not end within 5 s", ...: completes the name of a script. */
export function describeEnd(end: ScriptResult["end"]): string {
  switch (end.kind) {
    case "exited":
      return `exited with ${end.status}`;
    case "killed":
      return `was ended by ${end.signal}`;
    case "timed_out":
      return `did not end within ${end.afterMs / 1000} s and was killed`;
    case "not_started":
      return `could not be started (${end.errno})`;
    case "not_run":
      return `was not run: ${end.message}`;
  }
}
