import type net from "node:net";
import type tls from "node:tls";
import type { TlsFacts } from "../trace.ts";
import { peerCertificate } from "./tls-client.ts";

/** "127.0.0.1 port 40000": where a connection comes from. */
export function sourceOf({ localAddress, localPort }: net.Socket): string {
  return localAddress === undefined ? "an unknown address" : `${localAddress} port ${localPort}`;
}

/** What a handshake agreed on, and whom it was with. */
export function tlsFacts(secured: tls.TLSSocket): TlsFacts {
  const certificate = peerCertificate(secured);
  const error = secured.authorizationError as unknown;
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : error;
  return {
    protocol: secured.getProtocol() ?? "unknown",
    cipher: secured.getCipher().name,
    certificate:
      certificate === undefined
        ? null
        : {
            subject: oneLine(certificate.subject),
            issuer: oneLine(certificate.issuer),
            names: certificate.subjectAltName ?? "",
            validFromEpochMs: certificate.validFromDate.getTime(),
            validToEpochMs: certificate.validToDate.getTime(),
            problem: secured.authorized || code === undefined || code === null ? null : String(code),
          },
  };
}

function oneLine(name: string): string {
  return name.replaceAll("\n", ", ");
}
