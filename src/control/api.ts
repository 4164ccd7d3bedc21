import type { Diagnostic } from "../config/diagnostics.ts";
import type { StatusDocument } from "./status-document.ts";

/** The requests of the control socket, by method and path, with what they carry. Version 1 of the API. */
export interface ControlApi {
  "GET /v1/status": { readonly request: null; readonly response: StatusDocument };
  "POST /v1/reload": { readonly request: null; readonly response: ReloadResult };
  "POST /v1/failover": { readonly request: { readonly instance: string }; readonly response: FailoverResult };
  "POST /v1/plan": { readonly request: { readonly file: string | null }; readonly response: PlanResult };
}

export type ControlRoute = keyof ControlApi;

/** An operation on the table as people read it. */
export interface OperationSummary {
  /** "new-service", "set-destination", ... */
  readonly kind: string;
  /** "TCP 192.0.2.1:80" or "TCP 192.0.2.1:80 -> 10.0.0.11:80". */
  readonly object: string;
  /** The settings that come or go, or for a change what differs: "weight 1 -> 3". */
  readonly detail: string;
}

export interface RefusedObject {
  readonly object: string;
  readonly cause: string;
}

export interface FailoverResult {
  readonly instance: string;
}

export interface PlanResult {
  readonly file: string;
  readonly operations: readonly OperationSummary[];
  readonly warnings: readonly Diagnostic[];
}

export interface ReloadResult {
  readonly generation: number;
  readonly file: string;
  /** Operations sent, counted by kind. */
  readonly operations: Readonly<Record<string, number>>;
  readonly refused: readonly RefusedObject[];
  /** Why the data plane could not be reached; what is missing is written when it returns. */
  readonly unavailable: string | null;
  readonly warnings: readonly Diagnostic[];
  readonly took_ms: number;
}

/** Closed set of what a request can fail with. */
export type ControlErrorCode =
  | "config-invalid"
  | "checker-not-running"
  | "vrrp-not-running"
  | "not-found"
  | "bad-request"
  | "stopping"
  | "internal";

export interface ControlErrorBody {
  readonly error: {
    readonly code: ControlErrorCode;
    readonly message: string;
    readonly hint: string;
    readonly diagnostics?: readonly Diagnostic[];
  };
}

export const httpStatusOf = {
  "config-invalid": 422,
  "checker-not-running": 503,
  "vrrp-not-running": 503,
  "not-found": 404,
  "bad-request": 400,
  stopping: 503,
  internal: 500,
} as const satisfies Record<ControlErrorCode, number>;

/** A request that failed for a reason its sender can act on. */
export class ControlError extends Error {
  readonly code: ControlErrorCode;
  readonly hint: string;
  readonly diagnostics: readonly Diagnostic[] | undefined;
  constructor(code: ControlErrorCode, message: string, hint: string, diagnostics?: readonly Diagnostic[]) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.diagnostics = diagnostics;
  }
}
