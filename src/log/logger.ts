import { type LogRecord, type LogSink, type Severity, severityNumber } from "./record.ts";

type Fields = LogRecord["fields"];

/** Logs for one role; records less severe than the level are dropped before they are built. */
export interface Logger {
  log(severity: Severity, message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  warning(message: string, fields?: Fields): void;
  notice(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
  /** The same for another process of ours. */
  as(role: string): Logger;
}

/** A logger that hands records to `sink`, stamped by `nowEpochMs`. */
export function createLogger(options: {
  readonly sink: LogSink;
  readonly role: string;
  readonly level: Severity;
  readonly nowEpochMs: () => number;
}): Logger {
  const { sink, role, level, nowEpochMs } = options;
  const log = (severity: Severity, message: string, fields: Fields = {}): void => {
    if (severityNumber[severity] <= severityNumber[level]) {
      sink({ severity, message, role, epochMs: nowEpochMs(), fields });
    }
  };
  return {
    log,
    error: (message, fields) => log("error", message, fields),
    warning: (message, fields) => log("warning", message, fields),
    notice: (message, fields) => log("notice", message, fields),
    info: (message, fields) => log("info", message, fields),
    debug: (message, fields) => log("debug", message, fields),
    as: (other) => createLogger({ sink, role: other, level, nowEpochMs }),
  };
}
