import { describe, expect, test } from "vitest";
import { EventLog } from "./event-log.ts";

const record = (message: string) =>
  ({ severity: "notice", message, role: "checker", epochMs: 0, fields: { event: "x", to: "up" } }) as const;

describe("EventLog", () => {
  test("numbers events from 1, and knows the last of them", () => {
    const events = new EventLog(3);
    expect(events.at(1)).toBeNull();
    for (const message of ["a", "b", "c", "d"]) events.append(record(message));
    expect(events.next).toBe(5);
    expect(events.at(4)).toEqual({
      seq: 4,
      at: "1970-01-01T00:00:00.000Z",
      event: "x",
      severity: "notice",
      role: "checker",
      message: "d",
      to: "up",
    });
    expect(events.at(1)).toMatchObject({ seq: 2, message: "b" });
    expect(events.at(5)).toBeNull();
  });

  test("calls listeners until they leave", () => {
    const events = new EventLog();
    let calls = 0;
    const leave = events.listen(() => calls++);
    events.append(record("a"));
    leave();
    events.append(record("b"));
    expect(calls).toBe(1);
  });
});
