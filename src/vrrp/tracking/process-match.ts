import type { TrackProcess } from "../../config/vrrp-model.ts";

/** A process as /proc shows it. */
export interface ProcessFacts {
  /** Of /proc/PID/comm. */
  readonly name: string;
  /** Of /proc/PID/cmdline; null: not read. */
  readonly command: readonly string[] | null;
}

/** The kernel cuts names of processes to this many octets (TASK_COMM_LEN). */
const nameOctets = 15;

export type ProcessPattern = Pick<TrackProcess, "process" | "parameters" | "fullCommand">;

/** Whether a process is one of those that are counted. Words are compared as a whole, not as patterns. */
export function isCounted({ name, command }: ProcessFacts, pattern: ProcessPattern): boolean {
  const [wanted = "", ...parameters] = pattern.process;
  if (!pattern.fullCommand) return name === Buffer.from(wanted).subarray(0, nameOctets).toString();
  if (command === null || command[0] !== wanted) return false;
  const given = command.slice(1);
  switch (pattern.parameters) {
    case "ignored":
      return true;
    case "exact":
      return given.length === parameters.length && startsWith(given, parameters);
    case "partial":
      return startsWith(given, parameters);
    case "initial": {
      const last = parameters.length - 1;
      if (last < 0) return given.length === 0;
      const sameLength = given.length === parameters.length;
      return sameLength && startsWith(given, parameters.slice(0, last)) && isPrefix(parameters[last], given[last]);
    }
  }
}

/** The words of /proc/PID/cmdline, each of which ends with zero. */
export function commandWords(cmdline: string): string[] {
  return cmdline === "" ? [] : cmdline.replace(/\0$/, "").split("\0");
}

function startsWith(given: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((word, index) => given[index] === word);
}

function isPrefix(wanted: string | undefined, given: string | undefined): boolean {
  return given?.startsWith(wanted ?? "") === true;
}
