import type { TrackedSpec } from "./check.ts";
import { judgeFile } from "./file/judge-file.ts";
import type { Verdict } from "./verdict.ts";

/** The verdict of a check that is told: what the value of the tracked thing means for it. A file without a number is 0. */
export function judgeTracked(spec: TrackedSpec, value: number | "up" | "down"): Verdict {
  const judged = judgeFile(spec, typeof value === "number" ? value : 0);
  return judged.ok
    ? { ok: true, latencyMs: 0, ...judged.findings }
    : { ok: false, latencyMs: 0, reason: judged.reason, url: null };
}
