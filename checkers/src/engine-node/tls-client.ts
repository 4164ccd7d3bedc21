import type { X509Certificate } from "node:crypto";
import net from "node:net";
import tls from "node:tls";
import type { TlsOptions } from "../check.ts";
import type { Reason } from "../verdict.ts";
import { TlsContexts } from "./tls-contexts.ts";

/** How one exchange does TLS. */
export interface TlsSettings {
  readonly options: TlsOptions;
  readonly serverName: string | null;
  /** The name that the certificate must be for, when it is verified; null: any. */
  readonly hostName: string | null;
  readonly compliant: boolean;
  /** The protocol to agree on (RFC 7301); absent: none is proposed. */
  readonly applicationProtocol?: string;
}

const contexts = new TlsContexts();

/** A TLS client on a connection that stands, or why there can be none. The handshake is under way. */
export function startTls(
  socket: net.Socket,
  { options, serverName, hostName, applicationProtocol }: TlsSettings,
): { readonly ok: true; readonly secured: tls.TLSSocket } | { readonly ok: false; readonly reason: Reason } {
  const context = contexts.get(options);
  if (!context.ok) return context;
  const secured = tls.connect({
    socket,
    secureContext: context.context,
    // An address is no server name (RFC 6066 3).
    ...(serverName === null || net.isIP(serverName) !== 0 ? {} : { servername: serverName }),
    ...(applicationProtocol === undefined ? {} : { ALPNProtocols: [applicationProtocol] }),
    // What is wrong is judged below: a handshake that ends for want of trust would hide why.
    rejectUnauthorized: false,
    checkServerIdentity: (_, certificate) =>
      hostName === null || !options.verify ? undefined : tls.checkServerIdentity(hostName, certificate),
  });
  return { ok: true, secured };
}

/** What the server's certificate says once the handshake is done. */
export function judgeCertificate(
  secured: tls.TLSSocket,
  { options, hostName }: TlsSettings,
): { readonly ok: true; readonly expiryEpochMs: number | null } | { readonly ok: false; readonly reason: Reason } {
  if (options.verify && !secured.authorized) {
    const error = secured.authorizationError as unknown;
    const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
    return { ok: false, reason: { kind: "certificate", code, serverName: hostName } };
  }
  const expiry = peerCertificate(secured)?.validToDate.getTime();
  return { ok: true, expiryEpochMs: expiry === undefined || Number.isNaN(expiry) ? null : expiry };
}

const certificates = new WeakMap<tls.TLSSocket, X509Certificate | undefined>();

/** The server's certificate. Node gives it to the first who asks, and to nobody after that. */
export function peerCertificate(secured: tls.TLSSocket): X509Certificate | undefined {
  if (!certificates.has(secured)) certificates.set(secured, secured.getPeerX509Certificate());
  return certificates.get(secured);
}

/** What a TLS socket reports beside what its connection does; null when the error is the connection's. */
export function tlsReasonOf(
  error: NodeJS.ErrnoException & { readonly reason?: string },
  handshake: boolean,
): Reason | null {
  const code = error.code ?? "";
  if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || code === "EPROTO") {
    return { kind: "tls", detail: error.reason ?? error.message };
  }
  // Node says ECONNRESET of a connection that was closed in good order, too; then no system call failed.
  if (handshake && code === "ECONNRESET" && error.syscall === undefined) return { kind: "closed", phase: "tls" };
  return null;
}
