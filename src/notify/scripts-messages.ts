import type { NotifySettings } from "../config/notify-model.ts";
import type { Severity } from "../log/record.ts";
import type { Notification } from "./notification.ts";
import type { ScriptRequest, ScriptResult } from "./script-request.ts";

/** Supervisor → scripts process. */
export type ToScripts =
  /** First message of every scripts process, and a new one after each reload. */
  | { readonly kind: "configure"; readonly settings: NotifySettings }
  /** Answered by `result`. */
  | { readonly kind: "run"; readonly request: ScriptRequest }
  /** To be told in this order. Not answered. */
  | { readonly kind: "notify"; readonly notifications: readonly Notification[] }
  /** The last message: start what waits, then exit. Scripts that run are left alone. */
  | { readonly kind: "stop"; readonly graceMs: number };

/** Scripts process → supervisor. */
export type FromScripts =
  | { readonly kind: "result"; readonly result: ScriptResult }
  | { readonly kind: "log"; readonly severity: Severity; readonly message: string };
