import type { Diagnostic } from "../config/diagnostics.ts";

/** How a run ended, for the exit status. */
export type RunEnd =
  /** As told to, or with another process as the director. */
  | { readonly kind: "stopped" }
  | { readonly kind: "config"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "data-plane"; readonly message: string; readonly hint: string }
  | { readonly kind: "not-permitted"; readonly message: string; readonly hint: string }
  | { readonly kind: "failed"; readonly message: string; readonly hint: string };
