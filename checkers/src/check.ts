import { createHash } from "node:crypto";

/**
 * What is checked, how and how often, as plain data. Durations are integer milliseconds; names are keepalived's keywords.
 */

/** Where a checker connects to and from: connect_ip, connect_port, bindto, bind_port, bind_if, fwmark. */
export interface ConnectOptions {
  readonly address: string;
  readonly port: number;
  readonly bindto: string | null;
  /** Source port; null lets the kernel choose. */
  readonly bindPort: number | null;
  readonly bindIf: string | null;
  /** SO_MARK of the checker's packets. */
  readonly fwmark: number | null;
}

/** An inclusive range of HTTP status codes. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

export interface Url {
  readonly path: string;
  /** Accepted codes. Empty: any code is accepted (a digest alone decides). */
  readonly statusCode: readonly StatusRange[];
  /** Hex digest of the body: 32 digits are MD5, 40 are SHA-1. */
  readonly digest: string | null;
  /** Host header; null sends the address and port. */
  readonly virtualhost: string | null;
  /** What the body must match, or must not; absent: anything. */
  readonly regex?: BodyPattern;
  /** The first line of the body is what an agent says of the server; absent: it is not. */
  readonly agentBody?: true;
}

/** regex and its options; offsets in octets of the body. */
export interface BodyPattern {
  readonly regex: string;
  /** regex_no_match: the body must not match. */
  readonly noMatch: boolean;
  readonly options: readonly string[];
  readonly minOffset: number;
  /** Where a match begins at the latest; null: anywhere. */
  readonly maxOffset: number | null;
}

/** A url over TLS. */
export interface TlsUrl extends Url {
  /** Server name indication of the handshake (RFC 6066 3); null sends none. */
  readonly serverName: string | null;
  /** tls_compliant: the server is told with a close_notify that we end the connection (RFC 8446 6.1). */
  readonly tlsCompliant: boolean;
}

/** The SSL block: PEM files, read when they are first needed and again when they changed. */
export interface TlsOptions {
  /** Authorities; null takes those of this machine. */
  readonly ca: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  readonly password: string | null;
  /** tls_verify: the certificate must be valid now, signed by an authority and made out to the host name, if there is one. */
  readonly verify: boolean;
}

export type DnsType = "A" | "NS" | "CNAME" | "SOA" | "MX" | "TXT" | "AAAA";

/** A program with its arguments, and whose rights it has; null: those that its runner gives to scripts. */
export interface CheckedScript {
  readonly command: string;
  readonly user: string | null;
  readonly group: string | null;
}

/** The answer that UDP_CHECK wants; lengths in octets. */
export interface RequiredReply {
  /** Lower-case hex digits, x for any; null: any octets. */
  readonly mask: string | null;
  readonly minLength: number;
  readonly maxLength: number;
}

/** A turn of TCP_EXPECT: what is sent, then what has to come. Octets are the characters U+0000 to U+00FF. */
export interface ExpectStep {
  readonly send: string | null;
  readonly expect: ExpectedAnswer | null;
}

/** In what came since the last turn: these octets, or a match of this regular expression (RE2, in Latin-1). */
export type ExpectedAnswer =
  | { readonly kind: "text"; readonly octets: string }
  | { readonly kind: "regex"; readonly regex: string };

/** What others tell of a real server: nothing is probed. */
export type TrackedSpec =
  | {
      readonly type: "FILE_CHECK";
      /** The real server that it is about: nothing connects there. */
      readonly connect: ConnectOptions;
      /** Name of the track_file. */
      readonly trackFile: string;
      readonly path: string;
      readonly weight: number;
      readonly reverse: boolean;
    }
  | {
      readonly type: "BFD_CHECK";
      /** The real server that it is about: nothing connects there. */
      readonly connect: ConnectOptions;
      /** Name of the bfd_instance. */
      readonly session: string;
    };

export type HttpProtocol = "1.0" | "1.0C" | "1.1";

/** One kind of probe with everything that decides its verdict. Each further checker type is one more member. */
export type ProbeSpec =
  | { readonly type: "TCP_CHECK"; readonly connect: ConnectOptions }
  | {
      readonly type: "HTTP_GET";
      readonly connect: ConnectOptions;
      readonly httpProtocol: HttpProtocol;
      readonly urls: readonly Url[];
    }
  | {
      readonly type: "SSL_GET";
      readonly connect: ConnectOptions;
      readonly httpProtocol: HttpProtocol;
      readonly urls: readonly TlsUrl[];
      readonly tls: TlsOptions;
    }
  | {
      readonly type: "SMTP_CHECK";
      readonly connect: ConnectOptions;
      /** Further places that are asked after that one; all must answer. */
      readonly further: readonly ConnectOptions[];
      /** Name that we greet with; null takes the name of this machine. */
      readonly heloName: string | null;
    }
  | { readonly type: "DNS_CHECK"; readonly connect: ConnectOptions; readonly name: string; readonly queryType: DnsType }
  | { readonly type: "PING_CHECK"; readonly connect: ConnectOptions }
  | {
      readonly type: "UDP_CHECK";
      readonly connect: ConnectOptions;
      /** Hex digits; null sends random octets. */
      readonly payload: string | null;
      /** Null: silence will do. */
      readonly reply: RequiredReply | null;
    }
  | {
      readonly type: "MISC_CHECK";
      /** The real server that it is about: nothing connects there. */
      readonly connect: ConnectOptions;
      readonly script: CheckedScript;
      /** misc_dynamic: an exit status from 2 on says the weight. */
      readonly dynamic: boolean;
    }
  | { readonly type: "TCP_EXPECT"; readonly connect: ConnectOptions; readonly steps: readonly ExpectStep[] }
  | {
      readonly type: "GRPC_CHECK";
      readonly connect: ConnectOptions;
      /** Empty: the server as a whole. */
      readonly service: string;
      /** :authority of the call; null sends the address and port. */
      readonly authority: string | null;
      /** Null: HTTP/2 without TLS (h2c, with prior knowledge). */
      readonly tls: (TlsOptions & { readonly serverName: string | null }) | null;
    }
  | {
      readonly type: "AGENT_CHECK";
      readonly connect: ConnectOptions;
      /** What is sent to the agent first; octets as in ExpectStep. */
      readonly send: string | null;
    };

export type CheckSpec = ProbeSpec | TrackedSpec;

/** When a check runs and how many failures it forgives. */
export interface CheckTiming {
  readonly delayLoopMs: number;
  /** Deadline of each exchange with the server, from connect to the last byte of the body; of a script, misc_timeout. */
  readonly connectTimeoutMs: number;
  /** Further attempts after the first failure of a check that was up. */
  readonly retry: number;
  readonly delayBeforeRetryMs: number;
  /** The first check starts at a random moment within this time. */
  readonly warmupMs: number;
  /** Successes in a row that bring a check up that is down; absent: 1. */
  readonly rise?: number;
  /** Pause between runs while failures or successes are being counted; absent: delayBeforeRetryMs, and delayLoopMs on the way up. */
  readonly fastIntervalMs?: number;
}

export interface Check {
  readonly spec: CheckSpec;
  readonly timing: CheckTiming;
  /** A new target counts as down until it passes; otherwise as up until it fails. */
  readonly alpha: boolean;
  readonly logAllFailures: boolean;
}

/** A check that an engine runs. */
export type ProbedCheck = Check & { readonly spec: ProbeSpec };

export type TrackedCheck = Check & { readonly spec: TrackedSpec };

export function isProbed(check: Check): check is ProbedCheck {
  return !isTracked(check);
}

export function isTracked(check: Check): check is TrackedCheck {
  return check.spec.type === "FILE_CHECK" || check.spec.type === "BFD_CHECK";
}

/**
 * Identity of a check: equal settings on an equal target are one check, whoever uses it (shared probes), and a reload that
 * leaves them alone keeps its health. `alpha` and logging are not part of it. Keys travel further than settings do: a password
 * is in it as its digest.
 */
export function checkKey({ spec, timing }: Check): string {
  if ((spec.type !== "SSL_GET" && spec.type !== "GRPC_CHECK") || spec.tls === null || spec.tls.password === null) {
    return JSON.stringify([spec, timing]);
  }
  const password = createHash("sha256").update(spec.tls.password).digest("hex");
  return JSON.stringify([{ ...spec, tls: { ...spec.tls, password } }, timing]);
}
