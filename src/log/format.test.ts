import { describe, expect, test } from "vitest";
import { consoleLine, journaldLine, jsonLine, syslogDatagram } from "./format.ts";
import type { LogRecord } from "./record.ts";

/** Local time: that is what a syslog datagram carries. */
const at = new Date(2026, 0, 5, 7, 8, 9, 45);

function record(change: Partial<LogRecord> = {}): LogRecord {
  return {
    severity: "warning",
    message: "web is down",
    role: "checker",
    epochMs: at.getTime(),
    fields: { event: "real_server_changed", lasted_ms: 5, met: false },
    ...change,
  };
}

const severities = ["error", "warning", "notice", "info", "debug"] as const;

describe("console", () => {
  test("time, severity and message, aligned", () => {
    expect(severities.map((severity) => consoleLine(record({ severity }), { colour: false }))).toEqual([
      `${at.toISOString()} error   web is down`,
      `${at.toISOString()} warning web is down`,
      `${at.toISOString()} notice  web is down`,
      `${at.toISOString()} info    web is down`,
      `${at.toISOString()} debug   web is down`,
    ]);
  });

  test("with colour, which ends with the line; what is ordinary has none", () => {
    expect(consoleLine(record(), { colour: true })).toBe(`${at.toISOString()} \u001b[33mwarning web is down\u001b[0m`);
    expect(consoleLine(record({ severity: "info" }), { colour: true })).not.toContain("\u001b");
  });
});

describe("journald", () => {
  test("the priority is in front of each line of the message", () => {
    expect(severities.map((severity) => journaldLine(record({ severity })))).toEqual([
      "<3>web is down",
      "<4>web is down",
      "<5>web is down",
      "<6>web is down",
      "<7>web is down",
    ]);
    expect(journaldLine(record({ message: "first\n   | second\n\nthird\n" }))).toBe(
      "<4>first\n<4>   | second\n<4>third",
    );
  });
});

describe("JSON", () => {
  test("one line, the fields beside time, severity, role and message", () => {
    const line = jsonLine(record({ message: 'two\n"lines"' }));
    expect(line).not.toContain("\n");
    expect(JSON.parse(line)).toEqual({
      time: at.toISOString(),
      severity: "warning",
      role: "checker",
      message: 'two\n"lines"',
      event: "real_server_changed",
      lasted_ms: 5,
      met: false,
    });
  });
});

describe("syslog", () => {
  test("priority is facility times eight and severity; local time; the day padded with a space", () => {
    expect(String(syslogDatagram(record(), "daemon", 42))).toBe("<28>Jan  5 07:08:09 lbctl[42]: web is down");
    const error = record({ severity: "error", epochMs: new Date(2026, 11, 24, 23, 59, 1).getTime() });
    expect(String(syslogDatagram(error, "local7", 1))).toBe("<187>Dec 24 23:59:01 lbctl[1]: web is down");
  });

  test("is one line, whatever the message, in UTF-8", () => {
    const datagram = syslogDatagram(record({ message: "a ≠ b\n  hint\n" }), "local0", 7);
    expect(String(datagram)).toBe("<132>Jan  5 07:08:09 lbctl[7]: a ≠ b |   hint");
    expect(datagram).toHaveLength(Buffer.byteLength("<132>Jan  5 07:08:09 lbctl[7]: a ≠ b |   hint"));
  });
});
