import type { HttpProtocol } from "../check.ts";

export interface RequestTarget {
  readonly path: string;
  /** Host header; null sends the address and port. */
  readonly virtualhost: string | null;
  readonly address: string;
  readonly port: number;
}

export const userAgent = "lbctl";

/** The Host header: the virtualhost, else address and port as keepalived sends them, IPv6 in brackets (RFC 3986 3.2.2). */
export function hostHeader({ virtualhost, address, port }: RequestTarget): string {
  if (virtualhost !== null) return printable(virtualhost);
  const withoutZone = address.replace(/%.*$/, "");
  return withoutZone.includes(":") ? `[${withoutZone}]:${port}` : `${withoutZone}:${port}`;
}

/** The GET request, ASCII only. 1.0C is 1.0 with "Connection: close", which 1.1 always carries. */
export function buildRequest(target: RequestTarget, protocol: HttpProtocol): string {
  const version = protocol === "1.1" ? "1.1" : "1.0";
  const close = protocol === "1.0" ? "" : "Connection: close\r\n";
  const path = printable(target.path);
  return `GET ${path} HTTP/${version}\r\nHost: ${hostHeader(target)}\r\nUser-Agent: ${userAgent}\r\n${close}\r\n`;
}

/** Percent-encodes what must not stand in a request line or header (RFC 3986 2.1), so that no setting can add a line. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, (other) =>
    Array.from(new TextEncoder().encode(other), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(
      "",
    ),
  );
}
