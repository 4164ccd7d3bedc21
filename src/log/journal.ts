import { messageIdOf } from "./message-ids.ts";
import { type LogRecord, severityNumber } from "./record.ts";

const IDENTIFIER = "lbctl";
/** The syslog facility daemon, as `logger` and syslog targets number it (RFC 5424 section 6.2.1). */
const FACILITY_DAEMON = 3;

/**
 * A datagram of the journal's native protocol (systemd, "Native Journal Protocol"): fields of journalctl(1), and ours with LBCTL_ in
 * front: LBCTL_ROLE, LBCTL_EVENT, LBCTL_INSTANCE, LBCTL_VIRTUAL_SERVER, ...
 */
export function journalDatagram({ severity, message, role, fields }: LogRecord): Buffer {
  const messageId = messageIdOf(fields.event);
  const own = Object.entries(fields).map(([name, value]) => [`LBCTL_${fieldName(name)}`, String(value)] as const);
  return Buffer.concat(
    [
      ["MESSAGE", message],
      ["PRIORITY", String(severityNumber[severity])],
      ["SYSLOG_IDENTIFIER", IDENTIFIER],
      ["SYSLOG_FACILITY", String(FACILITY_DAEMON)],
      ...(messageId === null ? [] : [["MESSAGE_ID", messageId] as const]),
      ["LBCTL_ROLE", role],
      ...own,
    ].map(([name = "", value = ""]) => field(name, value)),
  );
}

/** Capital letters, digits and underscores, 64 octets at most. */
function fieldName(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, "_")
    .slice(0, 64 - "LBCTL_".length);
}

/** A value with line breaks stands behind its length in octets, little endian in 64 bits. */
function field(name: string, value: string): Buffer {
  if (!value.includes("\n")) return Buffer.from(`${name}=${value}\n`);
  const octets = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(octets.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, octets, Buffer.from("\n")]);
}
