import { openLogFiles } from "../log/file-sink.ts";
import type { Facility } from "../log/format.ts";
import type { LogSink } from "../log/record.ts";
import { type LogTarget, openLog } from "../log/sinks.ts";

/** What the command line says of the log. */
export interface LogOptions {
  readonly log: LogTarget;
  readonly logConsole?: true;
  /** Given: syslog is wanted. */
  readonly logFacility?: string;
  readonly logFile?: string;
  /** False with -G. */
  readonly syslog: boolean;
}

/**
 * Opens what is wanted: -l is the console; -S without a --log is syslog, or what --log auto is where nothing listens; -g writes
 * files too, and with -G only those.
 * @throws LogUnreachable for --log syslog
 */
export function openLogs(options: LogOptions, facility: Facility): LogSink {
  const files = options.logFile === undefined ? null : openLogFiles(options.logFile);
  const onlyFiles = files !== null && !options.syslog && options.logConsole !== true && options.log === "auto";
  if (onlyFiles) return files;
  const other = openOther(options, facility);
  if (files === null) return other;
  return (record) => {
    files(record);
    other(record);
  };
}

function openOther({ log, logConsole, logFacility, syslog }: LogOptions, facility: Facility): LogSink {
  if (logConsole === true) return openLog("console", facility);
  if (log !== "auto" || logFacility === undefined || !syslog) return openLog(log, facility);
  try {
    return openLog("syslog", facility);
  } catch {
    return openLog("auto", facility);
  }
}
