import { formatDuration } from "@lbctl/checkers";
import type { LogRecord, Severity } from "../../log/record.ts";
import type { TrackKind } from "../../vrrp/machine/standing.ts";

/** What somebody tracks got another value. */
export interface TrackedChange {
  readonly kind: Extract<TrackKind, "script" | "file" | "process">;
  readonly name: string;
  /** Null: the first value. */
  readonly from: string | number | null;
  readonly to: string | number;
  readonly lastedMs: number;
  /** A sentence; null: the value says it all. */
  readonly why: string | null;
}

const keywords = { script: "vrrp_script", file: "track_file", process: "track_process" } as const;

/** "vrrp_script chk up -> down after 3m: exited with 1", and what a machine searches for. Pure. */
export function describeTrackedChange({ kind, name, from, to, lastedMs, why }: TrackedChange): {
  readonly severity: Severity;
  readonly message: string;
  readonly fields: LogRecord["fields"];
} {
  const what = from === null ? `starts ${to}` : `${from} -> ${to} after ${formatDuration(lastedMs)}`;
  return {
    severity: kind !== "script" ? "info" : to === "down" ? "warning" : "notice",
    message: `${keywords[kind]} ${name} ${what}${why === null ? "" : `: ${why}`}`,
    fields: {
      ...{ event: `${keywords[kind]}_changed`, [keywords[kind]]: name, to },
      ...(from === null ? {} : { from, lasted_ms: Math.round(lastedMs) }),
    },
  };
}
