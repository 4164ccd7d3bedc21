import type { CheckSpec, StatusRange } from "./check.ts";
import { formatDuration } from "./duration.ts";
import type { Transition } from "./updown.ts";
import type { Findings, Phase, Reason, Verdict } from "./verdict.ts";

/** The sentence for a person, after the url it concerns if the check has several: "/health: status 503, wanted 200-299". */
export function describeReason(reason: Reason, url: string | null = null): string {
  return url === null ? sentence(reason) : `${url}: ${sentence(reason)}`;
}

/** "ok in 1.2 ms", "ok" of what was told and not run, or why not. */
export function describeVerdict(verdict: Verdict): string {
  return verdict.ok
    ? `${verdict.latencyMs === 0 ? "ok" : `ok in ${verdict.latencyMs} ms`}${describeFindings(verdict)}`
    : describeReason(verdict.reason, verdict.url);
}

function describeFindings(findings: Findings): string {
  const { certificateExpiryEpochMs: expiry, weight, weightPercent: percent, weightAdds: adds = 0, mode } = findings;
  return [
    typeof weight !== "number" ? "" : `, weight ${weight}`,
    percent === undefined ? "" : `, weight ${percent}%`,
    adds === 0 ? "" : `, weight ${adds > 0 ? "+" : ""}${adds}`,
    mode === undefined ? "" : `, ${mode}`,
    describeExpiry(expiry),
  ].join("");
}

function describeExpiry(expiry: number | undefined): string {
  return expiry === undefined ? "" : `, certificate valid until ${new Date(expiry).toISOString().slice(0, 10)}`;
}

/** "up -> down after 3d 4h: HTTP_GET /health: status 503, wanted 200-299 (3rd failure)". */
export function describeTransition(type: CheckSpec["type"], transition: Transition): string {
  const { from, to, heldMs, failures, verdict } = transition;
  const count = failures === 0 ? "" : ` (${ordinal(failures)} failure)`;
  return `${from} -> ${to} after ${formatDuration(heldMs)}: ${type} ${describeVerdict(verdict)}${count}`;
}

/** "200-299 503", as in keepalived.conf; no range at all accepts any status. */
export function describeStatusRanges(ranges: readonly StatusRange[]): string {
  if (ranges.length === 0) return "any";
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(" ");
}

function sentence(reason: Reason): string {
  switch (reason.kind) {
    case "refused":
      return "connect refused";
    case "unreachable":
      return `${unreachable[reason.errno] ?? "host unreachable"} (${reason.errno})`;
    case "reset":
      return `connection reset ${moments[reason.phase]}`;
    case "deadline":
      return `${missing[reason.phase]} within ${formatDuration(reason.afterMs)}`;
    case "closed":
      return `connection closed ${moments[reason.phase]}`;
    case "malformed":
      return `not a valid ${reason.protocol ?? "HTTP"} answer: ${reason.detail}`;
    case "too_large":
      return `answer larger than ${formatBytes(reason.limitBytes)}`;
    case "status":
      return `status ${reason.got}, wanted ${describeStatusRanges(reason.wanted)}`;
    case "digest":
      return `digest ${reason.got} ≠ ${reason.wanted}`;
    case "regex":
      return `body ${reason.matched ? "matches" : "does not match"} "${reason.regex}"${reason.matched ? ", which it must not" : ""}`;
    case "tls":
      return `TLS: ${reason.detail}`;
    case "certificate":
      return `certificate ${describeCertificateError(reason.code, reason.serverName)}`;
    case "credentials":
      return `local error, not the server's: the files of SSL cannot be used: ${reason.detail}`;
    case "reply":
      return `${reason.to === null ? "greeting" : `reply to ${reason.to}`} "${reason.got}", wanted ${reason.wanted}`;
    case "rcode":
      return `${rcodes[reason.rcode] ?? `RCODE ${reason.rcode}`}, wanted NOERROR`;
    case "reply_length":
      return `answer of ${reason.got} octets, wanted ${reason.minLength} to ${reason.maxLength}`;
    case "payload":
      return `answer ${reason.got === "" ? "without octets" : reason.got}, wanted ${reason.wanted}`;
    case "expect":
      return `answer ${reason.got === "" ? "without octets" : `"${reason.got}"`}, wanted ${reason.wanted}`;
    case "serving_status":
      return `${describeService(reason.service)} is ${reason.status}, wanted SERVING`;
    case "grpc_status":
      return describeGrpcStatus(reason);
    case "agent":
      return `the agent says ${reason.said}${reason.description === "" ? "" : `: ${reason.description}`}`;
    case "file":
      return `the file says ${reason.value}, wanted ${reason.wanted}`;
    case "file_below_limit":
      return `the file says ${reason.value}: its weight ${reason.result} is below the limit`;
    case "script":
      return `script ${describeScriptEnd(reason.end)}`;
    case "session":
      return `session down: ${reason.why}`;
    case "local":
      return `local error, not the server's: ${localCause[reason.errno] ?? "failed"} (${reason.call}: ${reason.errno})`;
  }
}

function describeService(service: string): string {
  return service === "" ? "the server" : `service "${service}"`;
}

function describeGrpcStatus({ code, message, service }: Extract<Reason, { kind: "grpc_status" }>): string {
  const said = message === "" ? "" : `: ${message}`;
  if (code === 5) return `${describeService(service)} is not known to the server (NOT_FOUND${said})`;
  if (code === 12) return `the server has no health service (UNIMPLEMENTED${said})`;
  return `gRPC status ${grpcStatuses[code] ?? code}${said}`;
}

/** The status codes of gRPC (its doc/statuscodes.md). */
const grpcStatuses: Record<number, string> = {
  1: "CANCELLED",
  2: "UNKNOWN",
  3: "INVALID_ARGUMENT",
  4: "DEADLINE_EXCEEDED",
  7: "PERMISSION_DENIED",
  8: "RESOURCE_EXHAUSTED",
  13: "INTERNAL",
  14: "UNAVAILABLE",
  16: "UNAUTHENTICATED",
};

const unreachable: Record<string, string> = {
  ECONNREFUSED: "port unreachable",
  ENETUNREACH: "network unreachable",
  ENETDOWN: "network down",
  EHOSTDOWN: "host down",
};

function describeCertificateError(code: string, serverName: string | null): string {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `is not for ${serverName ?? "this server"}`;
  return `${certificateErrors[code] ?? "not accepted"} (${code})`;
}

/** X509_verify_cert_error_string(3), as Node names them. */
const certificateErrors: Record<string, string> = {
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "is signed by an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "is signed by an authority that is not known",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "is signed by an authority that is not known",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "is signed by an authority that is not known",
  CERT_REVOKED: "was revoked",
  INVALID_CA: "is signed by something that is no authority",
  INVALID_PURPOSE: "is not for servers",
};

/** RFC 1035 4.1.1, RFC 2136 2.2. */
const rcodes: Record<number, string> = {
  1: "FORMERR (the server did not understand the query)",
  2: "SERVFAIL (the server failed)",
  3: "NXDOMAIN (no such name)",
  4: "NOTIMP (not implemented by the server)",
  5: "REFUSED (not answered for us)",
  9: "NOTAUTH (not authoritative)",
};

function describeScriptEnd(end: Extract<Reason, { kind: "script" }>["end"]): string {
  switch (end.kind) {
    case "exited":
      return `exited with ${end.status}`;
    case "killed":
      return `was ended by ${end.signal}`;
    case "timed_out":
      return `did not end within ${formatDuration(end.afterMs)}`;
    case "not_run":
      return `was not run: ${end.message}`;
  }
}

const moments: Record<Phase, string> = {
  connect: "while connecting",
  tls: "within the TLS handshake",
  request: "before any answer",
  headers: "within the headers",
  body: "within the body",
  greeting: "before its greeting",
  reply: "before its reply",
};

const missing: Record<Phase, string> = {
  connect: "no connection",
  tls: "TLS handshake not complete",
  request: "no answer",
  headers: "headers not complete",
  body: "body not complete",
  greeting: "no greeting",
  reply: "no reply",
};

const localCause: Record<string, string> = {
  EMFILE: "too many open files of this process",
  ENFILE: "too many open files on this machine",
  EADDRINUSE: "source address and port in use",
  EADDRNOTAVAIL: "source address is not on this machine, or no source port is free",
  EACCES: "not permitted, perhaps a prohibit route leads there",
  EPERM: "not permitted, perhaps by a local firewall rule",
  EINVAL: "invalid address, or a blackhole route leads there",
  EAFNOSUPPORT: "address family not supported here",
  ENODEV: "no such interface",
  ENOSYS:
    "bind_if, fwmark, DNS_CHECK, PING_CHECK and UDP_CHECK need the native addon of ipvs-netlink, which is not built",
};

function formatBytes(bytes: number): string {
  if (bytes >= 1 << 20) return `${Number((bytes / (1 << 20)).toFixed(1))} MiB`;
  if (bytes >= 1 << 10) return `${Number((bytes / (1 << 10)).toFixed(1))} KiB`;
  return `${bytes} bytes`;
}

/** "1st", "2nd", "3rd", "11th". */
export function ordinal(n: number): string {
  const teens = n % 100 >= 11 && n % 100 <= 13;
  const suffix = teens ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${suffix}`;
}
