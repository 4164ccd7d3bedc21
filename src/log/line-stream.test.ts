import { Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { toLines } from "./line-stream.ts";
import type { LogRecord } from "./record.ts";

const record = (message: string): LogRecord => ({ severity: "info", message, role: "vrrp", epochMs: 1, fields: {} });
const format = ({ severity, message }: LogRecord) => `${severity} ${message}`;

/** A reader that takes nothing until it is let. */
class StandingStill extends Writable {
  readonly lines: string[] = [];
  #go: (() => void) | null = null;
  #free = false;

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.lines.push(String(chunk));
    if (this.#free) done();
    else this.#go = done;
  }

  free(): void {
    this.#free = true;
    this.#go?.();
  }
}

test("a reader that stands still costs lines, not memory, and their number is told", async () => {
  const reader = new StandingStill();
  const log = toLines(reader, format);
  const long = "x".repeat(1000);
  for (let index = 0; index < 3000; index++) log(record(`${index} ${long}`));
  expect(reader.writableLength).toBeLessThan(1.1 * 2 ** 20);
  reader.free();
  await turn();
  log(record("again"));
  await turn();
  const kept = reader.lines.filter((line) => line.includes(long)).length;
  expect(reader.lines.slice(kept)).toEqual([
    `warning ${3000 - kept} lines of the log are lost: what reads it stood still\n`,
    "info again\n",
  ]);
});

test("a reader that has gone ends nothing", async () => {
  const reader = new StandingStill();
  const log = toLines(reader, format);
  reader.destroy(new Error("EPIPE"));
  await turn();
  log(record("nobody hears it"));
  expect(reader.destroyed).toBe(true);
});
