import type { StatusRange } from "./check.ts";

/** Part of an exchange that was under way. */
export type Phase = "connect" | "request" | "headers" | "body";

/** Why a probe failed. Closed set: every member has a sentence in `describeReason` and a row in the manual. */
export type Reason =
  | { readonly kind: "refused" }
  | { readonly kind: "unreachable"; readonly errno: string }
  | { readonly kind: "reset"; readonly phase: Phase }
  | { readonly kind: "deadline"; readonly phase: Phase; readonly afterMs: number }
  | { readonly kind: "closed"; readonly phase: Phase }
  | { readonly kind: "malformed"; readonly detail: string }
  | { readonly kind: "too_large"; readonly limitBytes: number }
  | { readonly kind: "status"; readonly got: number; readonly wanted: readonly StatusRange[] }
  | { readonly kind: "digest"; readonly got: string; readonly wanted: string }
  | { readonly kind: "local"; readonly errno: string; readonly call: "socket" | "bind" | "connect" | "setsockopt" };

/** Result of one run of a check. `url` is the path of the exchange that failed, for checks with several. */
export type Verdict =
  | { readonly ok: true; readonly latencyMs: number }
  | { readonly ok: false; readonly latencyMs: number; readonly reason: Reason; readonly url: string | null };
