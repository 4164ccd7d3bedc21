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

/** The least severe that is logged; may change while the director runs. */
export interface LogLevel {
  severity: Severity;
}

/** A logger that hands records to `sink`, stamped by `nowEpochMs`; those that are events to `onEvent`, whatever the level. */
export function createLogger(options: {
  readonly sink: LogSink;
  readonly role: string;
  readonly level: LogLevel;
  readonly nowEpochMs: () => number;
  /** Records with a field "event". */
  readonly onEvent?: LogSink | undefined;
}): Logger {
  const { sink, role, level, nowEpochMs, onEvent } = options;
  const log = (severity: Severity, message: string, fields: Fields = {}): void => {
    const logged = severityNumber[severity] <= severityNumber[level.severity];
    const isEvent = onEvent !== undefined && fields.event !== undefined;
    if (!logged && !isEvent) return;
    const record = { severity, message, role, epochMs: nowEpochMs(), fields };
    if (isEvent) onEvent(record);
    if (logged) sink(record);
  };
  return {
    log,
    error: (message, fields) => log("error", message, fields),
    warning: (message, fields) => log("warning", message, fields),
    notice: (message, fields) => log("notice", message, fields),
    info: (message, fields) => log("info", message, fields),
    debug: (message, fields) => log("debug", message, fields),
    as: (other) => createLogger({ ...options, role: other }),
  };
}
