import type { HttpProtocol } from "@lbctl/checkers";

export type HashAlgorithm = "md5" | "sha1";

/** What page to fetch, and how. */
export interface GenhashOptions {
  /** Address or name. */
  readonly server: string;
  readonly port: number;
  readonly ssl: boolean;
  /** Sends the virtualhost as server name in the TLS handshake. */
  readonly sni: boolean;
  readonly path: string;
  /** Host header; null sends the address and port. */
  readonly virtualhost: string | null;
  readonly protocol: HttpProtocol;
  readonly hash: HashAlgorithm;
  readonly fwmark: number | null;
  /** Deadline of the whole exchange. */
  readonly timeoutMs: number;
}

/** A wrong command line: names the option. */
export class GenhashUsageError extends Error {
  override readonly name = "GenhashUsageError";
}

export function parsePort(text: string): number {
  return integer("--port", text, 1, 65_535);
}

export function parseFwmark(text: string): number {
  return integer("--fwmark", text, 1, 0xffff_ffff);
}

/** Seconds, fractions allowed, to milliseconds. */
export function parseTimeout(text: string): number {
  const seconds = Number(text);
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text) || seconds < 0.001 || seconds > 3600) {
    throw new GenhashUsageError(`--timeout must be a number of seconds up to 3600, not "${text}"`);
  }
  return Math.round(seconds * 1000);
}

/** In either case, as keepalived's genhash takes it. */
export function parseProtocol(text: string): HttpProtocol {
  const protocol = (["1.0", "1.0C", "1.1"] as const).find((known) => known === text.toUpperCase());
  if (!protocol) throw new GenhashUsageError(`--protocol must be 1.0, 1.0c or 1.1, not "${text}"`);
  return protocol;
}

export function parseHash(text: string): HashAlgorithm {
  const hash = (["md5", "sha1"] as const).find((known) => known === text.toLowerCase());
  if (!hash) throw new GenhashUsageError(`--hash must be md5 or sha1, not "${text}"`);
  return hash;
}

/** The path of a url; a whole URL is what people paste by mistake. */
export function parsePath(text: string): string {
  if (text.startsWith("/")) return text;
  throw new GenhashUsageError(
    `--url must be a path that begins with "/", not "${text}" (server and port have options of their own)`,
  );
}

function integer(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < min || value > max) {
    throw new GenhashUsageError(`${option} must be a number from ${min} to ${max}, not "${text}"`);
  }
  return value;
}
