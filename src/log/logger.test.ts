import { describe, expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import { type LogRecord, type Severity, severities } from "./record.ts";

function logging(level: Severity) {
  const records: LogRecord[] = [];
  let nowEpochMs = 1000;
  const log = createLogger({
    sink: (record) => records.push(record),
    role: "supervisor",
    level: { severity: level },
    nowEpochMs: () => nowEpochMs++,
  });
  return { log, records };
}

describe("a logger", () => {
  test("stamps each record with role and time, and hands its fields on", () => {
    const { log, records } = logging("debug");
    log.notice("ready", { generation: 3 });
    log.log("error", "gone");
    expect(records).toEqual([
      { severity: "notice", message: "ready", role: "supervisor", epochMs: 1000, fields: { generation: 3 } },
      { severity: "error", message: "gone", role: "supervisor", epochMs: 1001, fields: {} },
    ]);
  });

  test.each<[Severity, readonly Severity[]]>([
    ["error", ["error"]],
    ["info", ["error", "warning", "notice", "info"]],
    ["debug", severities],
  ])("of level %s drops what is less severe", (level, kept) => {
    const { log, records } = logging(level);
    for (const severity of severities) log[severity](severity);
    expect(records.map(({ severity }) => severity)).toEqual(kept);
    expect(records.map(({ message }) => message)).toEqual(kept);
  });

  test("speaks for another process, at the same level", () => {
    const { log, records } = logging("notice");
    const checker = log.as("checker");
    checker.info("dropped");
    checker.error("gone");
    expect(records).toEqual([{ severity: "error", message: "gone", role: "checker", epochMs: 1000, fields: {} }]);
  });
});
