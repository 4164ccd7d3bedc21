/** Severities that are used, with their syslog numbers (RFC 5424 section 6.2.1), which journald shares. */
export const severityNumber = { error: 3, warning: 4, notice: 5, info: 6, debug: 7 } as const;

export type Severity = keyof typeof severityNumber;

export const severities = Object.keys(severityNumber) as readonly Severity[];

/** One line of the log, before it is formatted for where it goes. */
export interface LogRecord {
  readonly severity: Severity;
  readonly message: string;
  /** Which process speaks: "supervisor" or "checker"; JSON says it. */
  readonly role: string;
  readonly epochMs: number;
  /** What a machine would search for; JSON carries it, the forms for people do not. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** Writes a record somewhere. Never throws: a lost log line must not stop the director. */
export type LogSink = (record: LogRecord) => void;
