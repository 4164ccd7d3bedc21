import type { TrackedSpec } from "./check.ts";
import { judgeFile } from "./file/judge-file.ts";
import type { Verdict } from "./verdict.ts";

/** What is known of a tracked thing, and why it is so where somebody said it. */
export interface ToldValue {
  readonly value: number | "up" | "down";
  readonly why?: string;
}

/** The verdict of a check that is told: what the value of the tracked thing means for it. A file without a number is 0. */
export function judgeTracked(spec: TrackedSpec, { value, why = "not said" }: ToldValue): Verdict {
  if (spec.type === "BFD_CHECK") {
    if (value === "up") return { ok: true, latencyMs: 0 };
    return { ok: false, latencyMs: 0, reason: { kind: "session", why }, url: null };
  }
  const judged = judgeFile(spec, typeof value === "number" ? value : 0);
  return judged.ok
    ? { ok: true, latencyMs: 0, ...judged.findings }
    : { ok: false, latencyMs: 0, reason: judged.reason, url: null };
}
