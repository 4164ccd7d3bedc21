import type { Diagnostic } from "../config/diagnostics.ts";
import type { Severity } from "../log/record.ts";
import type { Requests } from "./requests.ts";
import type { OverrideStatus, StatusDocument } from "./status-document.ts";

/** The answers of the control socket, by method and path. Version 1 of the API; `GET /v1/events` is a stream of `EventEntry`. */
interface Responses {
  readonly "GET /v1/status": StatusDocument;
  readonly "GET /v1/overrides": OverridesResult;
  readonly "POST /v1/reload": ReloadResult;
  readonly "POST /v1/upgrade": UpgradeResult;
  readonly "POST /v1/plan": PlanResult;
  readonly "POST /v1/failover": FailoverResult;
  readonly "POST /v1/drain": ChangeResult;
  readonly "POST /v1/undrain": ChangeResult;
  readonly "POST /v1/disable": ChangeResult;
  readonly "POST /v1/enable": ChangeResult;
  readonly "POST /v1/weight": ChangeResult;
  readonly "POST /v1/connections": ConnectionsResult;
  readonly "POST /v1/check": CheckResult;
  readonly "POST /v1/checks": ChecksResult;
  readonly "POST /v1/log-level": LogLevelResult;
}

/** The requests of the control socket, by method and path, with what they carry. */
export type ControlApi = {
  readonly [R in keyof Responses]: { readonly request: Requests[R]; readonly response: Responses[R] };
};

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
  /** begun: nobody waited for the end of it. ended: by something else, which `reason` names. */
  readonly outcome: "begun" | "handed_over" | "nobody_took_over" | "ended";
  /** Who has taken over. */
  readonly master: { readonly address: string; readonly priority: number } | null;
  /** What the instance is now, and why. */
  readonly state: string;
  readonly reason: string;
  readonly took_ms: number;
}

/** What became of drain, undrain, disable, enable and weight. */
export interface ChangeResult {
  /** The real servers that were meant: "10.0.0.11:80". */
  readonly real_servers: readonly string[];
  /** How many of them it changed something for. */
  readonly changed: number;
}

export interface OverridesResult {
  readonly overrides: readonly OverrideStatus[];
}

/** Of the real servers that were meant, together. */
export interface ConnectionsResult {
  readonly real_servers: readonly string[];
  readonly active: number;
  readonly inactive: number;
  readonly persistent: number;
}

export interface CheckResult {
  readonly real_servers: readonly string[];
  /** How many checks were started, or run already. */
  readonly checks: number;
}

/** The checks of real servers with all their settings, but for passwords, and how their scripts are run. */
export interface ChecksResult {
  readonly checks: readonly {
    readonly virtual_server: string;
    readonly real_server: string;
    /** A `Check` of @lbctl/checkers. */
    readonly check: Readonly<Record<string, unknown>>;
  }[];
  readonly script_user: { readonly user: string; readonly group: string | null } | null;
  readonly script_security: boolean;
}

export interface LogLevelResult {
  readonly level: Severity;
  readonly was: Severity;
}

/** A block that is new, gone, or says something else than before. */
export interface ChangedBlock {
  readonly block: "vrrp_instance" | "vrrp_sync_group" | "vrrp_script" | "track_file" | "track_process" | "bfd_instance";
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
}

export interface PlanResult {
  readonly file: string;
  readonly operations: readonly OperationSummary[];
  /** Of VRRP and BFD. */
  readonly changes: readonly ChangedBlock[];
  readonly warnings: readonly Diagnostic[];
}

export interface ReloadResult {
  readonly generation: number;
  readonly file: string;
  /** Operations sent, counted by kind. */
  readonly operations: Readonly<Record<string, number>>;
  /** Of VRRP and BFD. */
  readonly changes: readonly ChangedBlock[];
  readonly refused: readonly RefusedObject[];
  /** Why the data plane could not be reached; what is missing is written when it returns. */
  readonly unavailable: string | null;
  readonly warnings: readonly Diagnostic[];
  readonly took_ms: number;
}

/** Of one director and the one after it. */
export interface DirectorIdentity {
  readonly version: string;
  readonly pid: number;
}

export interface UpgradeResult {
  /** False: the program on the disk is the one that runs, and only another one was asked for. */
  readonly upgraded: boolean;
  readonly from: DirectorIdentity;
  /** The director that runs now. */
  readonly to: DirectorIdentity;
  /** "everything", or "adoption": the new program goes on from what the kernel and the records say. Null: not upgraded. */
  readonly carried: "everything" | "adoption" | null;
  /** How long nobody sent adverts, listened for them or checked, in milliseconds; null: not upgraded. */
  readonly pauses_ms: { readonly vrrp: number; readonly bfd: number; readonly checks: number } | null;
  /** Of the configuration file, if it did not say what was in force; null: it did. */
  readonly reload: ReloadResult | { readonly refused: string } | null;
  readonly took_ms: number;
}

/** Closed set of what a request can fail with. */
export type ControlErrorCode =
  | "config-invalid"
  | "checker-not-running"
  | "vrrp-not-running"
  | "not-found"
  | "bad-request"
  | "conflict"
  | "forbidden"
  | "state-not-saved"
  | "upgrade-failed"
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
  conflict: 409,
  forbidden: 403,
  "state-not-saved": 500,
  "upgrade-failed": 500,
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
