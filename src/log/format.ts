import { type LogRecord, severityNumber } from "./record.ts";

const colour = { error: 31, warning: 33, notice: 36, info: 0, debug: 90 } as const;

/** "2026-11-21T10:00:00.000Z warning message": for people at a terminal. */
export function consoleLine(record: LogRecord, options: { readonly colour: boolean }): string {
  const time = new Date(record.epochMs).toISOString();
  const code = colour[record.severity];
  const line = `${record.severity.padEnd(7)} ${record.message}`;
  return options.colour && code !== 0 ? `${time} \u001b[${code}m${line}\u001b[0m` : `${time} ${line}`;
}

/** "<4>message": the prefix by which systemd reads the priority of a line on standard error (sd-daemon(3)). */
export function journaldLine(record: LogRecord): string {
  return lines(record.message)
    .map((line) => `<${severityNumber[record.severity]}>${line}`)
    .join("\n");
}

/** One JSON object: time (RFC 3339), severity, role, message, then the fields. */
export function jsonLine(record: LogRecord): string {
  const { epochMs, severity, role, message, fields } = record;
  return JSON.stringify({ time: new Date(epochMs).toISOString(), severity, role, message, ...fields });
}

/** The syslog facilities that make sense for a daemon, with their numbers (RFC 5424 section 6.2.1). */
export const facilityNumber = {
  user: 1,
  daemon: 3,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;
export type Facility = keyof typeof facilityNumber;

/** A datagram for /dev/log: priority, local time, tag and process id, in the form that every syslogd accepts (RFC 3164 section 4.1). */
export function syslogDatagram(record: LogRecord, facility: Facility, pid: number): Buffer {
  const priority = facilityNumber[facility] * 8 + severityNumber[record.severity];
  const date = new Date(record.epochMs);
  const month = date.toLocaleString("en-US", { month: "short" });
  const day = String(date.getDate()).padStart(2, " ");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
  return Buffer.from(`<${priority}>${month} ${day} ${time} lbctl[${pid}]: ${lines(record.message).join(" | ")}`);
}

function lines(message: string): readonly string[] {
  return message.split("\n").filter((line) => line !== "");
}
