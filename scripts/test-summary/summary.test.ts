import { describe, expect, test } from "vitest";
import { formatSummary, summarize } from "./summary.ts";

const file = (status: string, ...tests: readonly string[]) => ({
  status,
  assertionResults: tests.map((testStatus) => ({ status: testStatus })),
});

describe("summarize", () => {
  test("counts tests", () => {
    const report = { testResults: [file("passed", "passed", "passed", "skipped"), file("failed", "failed", "passed")] };
    expect(summarize(report, 1, 0)).toEqual({ passed: 3, failed: 1, skipped: 1 });
  });

  test("counts a file that could not be loaded, or whose hook failed", () => {
    expect(summarize({ testResults: [file("failed"), file("failed", "skipped")] }, 1, 0)).toEqual({
      passed: 0,
      failed: 2,
      skipped: 1,
    });
  });

  test("counts a failed check", () => {
    expect(summarize({ testResults: [file("passed", "passed")] }, 0, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  test("never calls a run good that vitest calls bad", () => {
    expect(summarize({ testResults: [file("passed", "passed")] }, 1, 0).failed).toBe(1);
    expect(summarize(undefined, 137, 0).failed).toBe(1);
  });
});

test("formatSummary", () => {
  expect(formatSummary({ passed: 12, failed: 0, skipped: 0 })).toBe("12 passed, 0 failed");
  expect(formatSummary({ passed: 12, failed: 1, skipped: 2 })).toBe("12 passed, 1 failed, 2 skipped");
});
