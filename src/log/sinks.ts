import { fstatSync } from "node:fs";
import { consoleLine, type Facility, journaldLine, jsonLine, syslogDatagram } from "./format.ts";
import { journalDatagram } from "./journal.ts";
import { toLines } from "./line-stream.ts";
import { connectLogSocket } from "./log-socket.ts";
import type { LogRecord, LogSink } from "./record.ts";

export const logTargets = ["auto", "console", "journald", "syslog", "json"] as const;
export type LogTarget = (typeof logTargets)[number];

/**
 * Opens the log. "auto" is journald's form where systemd reads our standard error, the console's otherwise.
 * @throws LogUnreachable for "syslog" without a listener on /dev/log
 */
export function openLog(target: LogTarget, facility: Facility): LogSink {
  switch (target) {
    case "auto":
      return openLog(readByJournald() ? "journald" : "console", facility);
    case "console": {
      const colour = process.stderr.isTTY === true && (process.env.NO_COLOR ?? "") === "";
      return toStandardError((record) => consoleLine(record, { colour }));
    }
    case "journald":
      return readByJournald() ? toJournal() : toStandardError(journaldLine);
    case "json":
      return toStandardError(jsonLine);
    case "syslog": {
      const send = connectLogSocket("/dev/log");
      return (record) => void send(syslogDatagram(record, facility, process.pid));
    }
  }
}

/** With its fields; by standard error, which the journal reads too, where that does not go. */
function toJournal(): LogSink {
  const asLine = toStandardError(journaldLine);
  try {
    const send = connectLogSocket("/run/systemd/journal/socket");
    return (record) => {
      if (!send(journalDatagram(record))) asLine(record);
    };
  } catch {
    return asLine;
  }
}

function toStandardError(format: (record: LogRecord) => string): LogSink {
  return toLines(process.stderr, format);
}

/** systemd names the device and inode of the stream that it reads (systemd.exec(5), JOURNAL_STREAM). */
function readByJournald(): boolean {
  const stream = process.env.JOURNAL_STREAM;
  if (stream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(2);
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
