import type { ConnectOptions } from "../check.ts";
import { anyAddressLike, socketAddress } from "../socket-address.ts";
import type { Reason } from "../verdict.ts";

/** How the addon is told of an exchange: a row of `startExchanges`, and the octets that its offsets point into. */
export interface Plan {
  readonly row: Int32Array;
  readonly bytes: Uint8Array;
}

export type Planned =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly reason: Extract<Reason, { kind: "local" }> };

/** Fields of a row (native/exchange-calls.c). */
export const planFields = 17;
export const planSlot = 0;
export const planTimeoutMs = 1;
export const planBase = 2;
export const planEveryMs = 13;
export const planGridUs = 14;
const planFlags = 3;
const planMark = 4;
const firstPart = 5;
const planServerName = 15;
const flagMark = 1;
const flagReset = 2;
const flagTls = 4;
const flagCompliant = 8;

/** TLS without verification (`TlsUrl`). */
export interface PlannedTls {
  readonly serverName: string | null;
  readonly compliant: boolean;
}

/**
 * Everything of an exchange that does not change from run to run. An empty request: the connection is all that is wanted. With
 * bind_port it ends with RST: the port would stay in TIME_WAIT for a minute and the next probe could not connect from it.
 */
export function planExchange(connect: ConnectOptions, request: string, tls: PlannedTls | null = null): Planned {
  const { address, port, bindto, bindPort, bindIf, fwmark } = connect;
  const destination = socketAddress(address, port);
  if (destination === null) return notAnAddress("connect");
  const bound = bindto !== null || bindPort !== null;
  const source = bound ? socketAddress(bindto ?? anyAddressLike(address), bindPort ?? 0) : nothing;
  if (source === null) return notAnAddress("bind");
  const device = bindIf === null ? nothing : new TextEncoder().encode(`${bindIf}\0`);
  // An address is no server name (RFC 6066 3).
  const name = tls?.serverName ?? null;
  const isName = name !== null && socketAddress(name, 0) === null;
  const serverName = isName ? new TextEncoder().encode(`${name}\0`) : nothing;
  const parts: [field: number, part: Uint8Array][] = [destination, source, device, Buffer.from(request, "latin1")].map(
    (part, index) => [firstPart + 2 * index, part],
  );
  parts.push([planServerName, serverName]);

  const row = new Int32Array(planFields);
  const flagsOfTls = tls === null ? 0 : flagTls | (tls.compliant ? flagCompliant : 0);
  row[planFlags] = (fwmark === null ? 0 : flagMark) | (bindPort === null ? 0 : flagReset) | flagsOfTls;
  row[planMark] = fwmark ?? 0;
  const bytes = new Uint8Array(parts.reduce((sum, [, part]) => sum + part.length, 0));
  let offset = 0;
  for (const [field, part] of parts) {
    bytes.set(part, offset);
    row[field] = offset;
    row[field + 1] = part.length;
    offset += part.length;
  }
  return { ok: true, plan: { row, bytes } };
}

const nothing = new Uint8Array(0);

function notAnAddress(call: "bind" | "connect"): Planned {
  return { ok: false, reason: { kind: "local", errno: "EINVAL", call } };
}
