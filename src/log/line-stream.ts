import type { LogRecord, LogSink } from "./record.ts";

/** What is kept for a reader that does not read; some ten thousand lines. */
const backlogMaxOctets = 1 << 20;

/** Of `process.stderr`, what is needed here. */
export interface LineStream {
  readonly writableLength: number;
  write(line: string): unknown;
  on(event: "error" | "drain", listener: () => void): unknown;
}

/**
 * Writes a line per record. Who reads may be gone, or stand still (a log driver of containers whose network is away): lines are lost
 * then, and their number is told when there is room again; the director neither waits nor grows.
 */
export function toLines(stream: LineStream, format: (record: LogRecord) => string): LogSink {
  let lost = 0;
  let lastLost: LogRecord | null = null;
  // Whoever read it is gone, or its disk is full.
  stream.on("error", () => {});
  stream.on("drain", () => {
    if (lastLost === null) return;
    const message = `${lost} lines of the log are lost: what reads it stood still`;
    const { epochMs, role } = lastLost;
    lost = 0;
    lastLost = null;
    stream.write(`${format({ severity: "warning", message, role, epochMs, fields: {} })}\n`);
  });
  return (record) => {
    if (stream.writableLength < backlogMaxOctets) stream.write(`${format(record)}\n`);
    else {
      lost += 1;
      lastLost = record;
    }
  };
}
