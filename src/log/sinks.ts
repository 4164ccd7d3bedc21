import { fstatSync } from "node:fs";
import { consoleLine, type Facility, journaldLine, jsonLine, syslogDatagram } from "./format.ts";
import type { LogRecord, LogSink } from "./record.ts";
import { connectSyslog } from "./syslog-socket.ts";

export const logTargets = ["auto", "console", "journald", "syslog", "json"] as const;
export type LogTarget = (typeof logTargets)[number];

/**
 * Opens the log. "auto" is journald's form where systemd reads our standard error, the console's otherwise.
 * @throws SyslogUnreachable for "syslog" without a listener on /dev/log
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
      return toStandardError(journaldLine);
    case "json":
      return toStandardError(jsonLine);
    case "syslog": {
      const send = connectSyslog("/dev/log");
      return (record) => send(syslogDatagram(record, facility, process.pid));
    }
  }
}

function toStandardError(format: (record: LogRecord) => string): LogSink {
  // Whoever read it is gone, or its disk is full: the lines are lost, the director goes on.
  process.stderr.on("error", () => {});
  return (record) => process.stderr.write(`${format(record)}\n`);
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
