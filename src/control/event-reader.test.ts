import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readEvents } from "./client.ts";
import { type EventEntry, EventLog } from "./event-log.ts";
import { type ControlHandlers, serveControl } from "./server.ts";

let directory: string;
let path: string;
let events: EventLog;
let close: () => Promise<void>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-events-"));
  path = join(directory, "control.sock");
  events = new EventLog(1000);
  const handlers = {} as ControlHandlers;
  ({ close } = await serveControl({ path, replaces: false, gid: null, handlers, events, onFailure: () => {} }));
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true });
});

function happen(count: number, padding = ""): void {
  for (let index = 0; index < count; index++) {
    const message = `event ${events.next}${padding}`;
    events.append({ severity: "notice", message, role: "checker", epochMs: 0, fields: { event: "x" } });
  }
}

async function read(since: number | null): Promise<EventEntry[]> {
  const entries: EventEntry[] = [];
  for await (const entry of readEvents(path, { since, follow: false })) entries.push(entry);
  return entries;
}

describe("GET /v1/events", () => {
  test("what has happened, in order: the last 100, or since a number", async () => {
    happen(150);
    expect((await read(null)).map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, index) => index + 51));
    expect((await read(149)).map(({ message }) => message)).toEqual(["event 149", "event 150"]);
    expect(await read(151)).toEqual([]);
  });

  test("what is gone is said", async () => {
    happen(1500);
    const entries = await read(1);
    expect(entries[0]).toEqual({ event: "events_lost", lost: 500 });
    expect(entries.slice(1)).toHaveLength(1000);
  });

  test("a follower gets each as it happens, and the daemon's end ends it", async () => {
    happen(1);
    const seen: number[] = [];
    for await (const { seq } of readEvents(path, { since: 1, follow: true })) {
      seen.push(seq);
      if (seen.length < 5) happen(1);
      else if (seen.length === 5) void close();
    }
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  test("who does not read holds nobody up, and misses what does not fit", async () => {
    const slow = connect(path);
    slow.write("GET /v1/events?follow=1&since=1 HTTP/1.1\r\nhost: lbctl\r\n\r\n");
    await new Promise((resolve) => slow.once("readable", resolve));
    const padding = "x".repeat(1000);
    for (let round = 0; round < 50; round++) {
      happen(200, padding);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await read(events.next - 1)).map(({ seq }) => seq)).toEqual([10_000]);
    // Now it reads, and learns what it missed.
    let text = "";
    for await (const chunk of slow.setEncoding("utf8")) {
      text += String(chunk);
      if (text.includes('"seq":10000,')) break;
    }
    expect(text).toMatch(/"event":"events_lost","lost":\d+/);
  });

  test("a wrong number is refused", async () => {
    await expect(read(Number.NaN)).rejects.toMatchObject({ code: "bad-request" });
  });
});
