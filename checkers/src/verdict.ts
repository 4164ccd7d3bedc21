import type { StatusRange } from "./check.ts";

/** Part of an exchange that was under way. */
export type Phase = "connect" | "tls" | "request" | "headers" | "body" | "greeting" | "reply";

/** Why a probe failed. Closed set: every member has a sentence in `describeReason` and a row in the manual. */
export type Reason =
  | { readonly kind: "refused" }
  | { readonly kind: "unreachable"; readonly errno: string }
  | { readonly kind: "reset"; readonly phase: Phase }
  | { readonly kind: "deadline"; readonly phase: Phase; readonly afterMs: number }
  | { readonly kind: "closed"; readonly phase: Phase }
  | { readonly kind: "malformed"; readonly detail: string; readonly protocol?: "SMTP" | "DNS" | "agent" | "gRPC" }
  | { readonly kind: "too_large"; readonly limitBytes: number }
  | { readonly kind: "status"; readonly got: number; readonly wanted: readonly StatusRange[] }
  | { readonly kind: "digest"; readonly got: string; readonly wanted: string }
  /** The body matches the regular expression and must not, or the other way round. */
  | { readonly kind: "regex"; readonly regex: string; readonly matched: boolean }
  /** The TLS handshake failed, or a later TLS record; `detail` is OpenSSL's word for it. */
  | { readonly kind: "tls"; readonly detail: string }
  /** tls_verify: X509 verification ended with this error, e.g. CERT_HAS_EXPIRED. */
  | { readonly kind: "certificate"; readonly code: string; readonly serverName: string | null }
  /** The files of the SSL block cannot be used. */
  | { readonly kind: "credentials"; readonly detail: string }
  /** SMTP: the server said something else than it should; `to` is what it answered, null for its greeting. */
  | { readonly kind: "reply"; readonly to: string | null; readonly got: string; readonly wanted: number }
  /** DNS: the server answered with an error (RFC 1035 4.1.1). */
  | { readonly kind: "rcode"; readonly rcode: number }
  /** UDP: the answer is shorter or longer than it may be, octets. */
  | {
      readonly kind: "reply_length";
      readonly got: number;
      readonly minLength: number;
      readonly maxLength: number;
    }
  /** UDP: the answer begins otherwise; hex digits, x in `wanted` for any. */
  | { readonly kind: "payload"; readonly got: string; readonly wanted: string }
  /** The answer is not what was expected; both are excerpts that can be shown. */
  | { readonly kind: "expect"; readonly got: string; readonly wanted: string }
  /** gRPC: the service is not serving (grpc.health.v1.HealthCheckResponse.ServingStatus). */
  | { readonly kind: "serving_status"; readonly status: string; readonly service: string }
  /** gRPC: the call failed (the status codes of gRPC). */
  | { readonly kind: "grpc_status"; readonly code: number; readonly message: string; readonly service: string }
  /** An agent took the server down. */
  | { readonly kind: "agent"; readonly said: string; readonly description: string }
  | { readonly kind: "file"; readonly value: number; readonly wanted: string }
  /** The number of the file times its weight. */
  | { readonly kind: "file_below_limit"; readonly value: number; readonly result: number }
  /** MISC_CHECK: the script failed. */
  | { readonly kind: "script"; readonly end: { readonly kind: "exited"; readonly status: number } | ScriptFailure }
  /** BFD_CHECK: the session is not up, and why. */
  | { readonly kind: "session"; readonly why: string }
  | {
      readonly kind: "local";
      readonly errno: string;
      readonly call: "socket" | "bind" | "connect" | "setsockopt" | "send";
    };

/** How a script ended other than by itself, or why it did not run. */
export type ScriptFailure =
  | { readonly kind: "killed"; readonly signal: string }
  | { readonly kind: "timed_out"; readonly afterMs: number }
  | { readonly kind: "not_run"; readonly message: string };

/** What a success says beside that it is one. */
export interface Findings {
  /** When the first of the server's certificates expires. */
  readonly certificateExpiryEpochMs?: number;
  /** The weight that the real server is to have; "configured" ends what was said before. */
  readonly weight?: number | "configured";
  /** The weight that it is to have as a share of the configured one. */
  readonly weightPercent?: number;
  /** What is to be added to its weight. */
  readonly weightAdds?: number;
  /** What an agent wants of it; "ready" ends the others. */
  readonly mode?: AgentMode | "ready";
}

/** What several exchanges of a run say: of certificates the first to expire is the one to know. */
export function together(a: Findings, b: Findings): Findings {
  const [one, other] = [a.certificateExpiryEpochMs, b.certificateExpiryEpochMs];
  return one === undefined || (other !== undefined && other < one) ? { ...a, ...b } : { ...b, ...a };
}

/** An agent takes a server out of service: "drain" leaves it its connections. */
export type AgentMode = "drain" | "maint";

/** Result of one run of a check. `url` is the path, or the host, of the exchange that failed, for checks with several. */
export type Verdict =
  | ({ readonly ok: true; readonly latencyMs: number } & Findings)
  | { readonly ok: false; readonly latencyMs: number; readonly reason: Reason; readonly url: string | null };
