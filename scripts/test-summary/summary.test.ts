import { describe, expect, test } from "vitest";
import { formatSummary, summarize } from "./summary.ts";

const file = (status: string, ...tests: readonly string[]) => ({
  name: "some.test.ts",
  status,
  assertionResults: tests.map((testStatus) => ({
    status: testStatus,
    fullName: "a test",
    failureMessages: testStatus === "failed" ? ["Error: no\n    at some.test.ts:1"] : [],
  })),
});

describe("summarize", () => {
  test("counts tests", () => {
    const report = { testResults: [file("passed", "passed", "passed", "skipped"), file("failed", "failed", "passed")] };
    expect(summarize(report, 1, 0)).toEqual({
      passed: 3,
      failed: 1,
      skipped: 1,
      notes: ["failed: some.test.ts: a test: Error: no"],
    });
  });

  test("counts a file that could not be loaded, or whose hook failed", () => {
    expect(summarize({ testResults: [file("failed"), file("failed", "skipped")] }, 1, 0)).toEqual({
      passed: 0,
      failed: 2,
      skipped: 1,
      notes: Array(2).fill("failed: some.test.ts: the file, or one of its hooks"),
    });
  });

  test("counts a failed check", () => {
    expect(summarize({ testResults: [file("passed", "passed")] }, 0, 1)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
      notes: ["failed: npm run check"],
    });
  });

  test("names a test that passed only when it was repeated", () => {
    const assertionResults = [{ status: "passed", fullName: "a test", failureMessages: ["Error: late\n    at x"] }];
    const report = { testResults: [{ name: "some.test.ts", status: "passed", assertionResults }] };
    expect(summarize(report, 0, 0)).toEqual({
      passed: 1,
      failed: 0,
      skipped: 0,
      notes: ["passed when repeated: some.test.ts: a test: Error: late"],
    });
  });

  test("never calls a run good that vitest calls bad", () => {
    expect(summarize({ testResults: [file("passed", "passed")] }, 1, 0).failed).toBe(1);
    expect(summarize(undefined, 137, 0).failed).toBe(1);
  });
});

test("formatSummary", () => {
  expect(formatSummary({ passed: 12, failed: 0, skipped: 0, notes: [] })).toBe("12 passed, 0 failed");
  const bad = { passed: 12, failed: 1, skipped: 2, notes: ["failed: some.test.ts: a test: Error: no"] };
  expect(formatSummary(bad)).toBe("failed: some.test.ts: a test: Error: no\n12 passed, 1 failed, 2 skipped");
});
