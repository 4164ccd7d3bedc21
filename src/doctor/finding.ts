import type { CheckId } from "./checks.ts";

/** `unknown`: it could not be found out, and `what` says why. */
export type Status = "ok" | "warning" | "failure" | "unknown";

export const statuses = ["ok", "warning", "failure", "unknown"] as const satisfies readonly Status[];

/** One line of the doctor. Plain data; a contract of `lbctl doctor --json`. */
export interface Finding {
  readonly check: CheckId;
  readonly status: Status;
  /** What was found, a sentence without a full stop. */
  readonly what: string;
  /** Why it matters; null when all is well. */
  readonly why: string | null;
  /** A command line that mends it, to be copied as it stands; null when none does. */
  readonly fix: string | null;
}

/** Makes the findings of one check. */
export function findingsOf(check: CheckId) {
  return {
    ok: (what: string): Finding => ({ check, status: "ok", what, why: null, fix: null }),
    warning: (what: string, why: string, fix: string | null = null): Finding => ({
      ...{ check, status: "warning", what, why, fix },
    }),
    failure: (what: string, why: string, fix: string | null = null): Finding => ({
      ...{ check, status: "failure", what, why, fix },
    }),
    unknown: (what: string, why: string | null = null, fix: string | null = null): Finding => ({
      ...{ check, status: "unknown", what, why, fix },
    }),
  };
}
