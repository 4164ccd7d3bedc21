/** The parts of vitest's JSON report that are counted here. */
export type VitestReport = {
  readonly testResults: readonly {
    readonly status: string;
    readonly name: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      /** One entry per attempt that failed: a test that passed when it was repeated has one, too. */
      readonly failureMessages: readonly string[];
    }[];
  }[];
};

export type Summary = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, and what passed only when it was repeated: one line each. */
  readonly notes: readonly string[];
};

/**
 * Counts what a run did. A file that could not be loaded, a failed check and an end of vitest that no test explains
 * each count as one failure: a run that went wrong never reads as "0 failed".
 */
export function summarize(report: VitestReport | undefined, vitestStatus: number, checkStatus: number): Summary {
  const files = report?.testResults ?? [];
  const statuses = files.flatMap((file) => file.assertionResults.map(({ status }) => status));
  const count = (...wanted: readonly string[]) => statuses.filter((status) => wanted.includes(status)).length;
  const brokenFiles = files.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((assertion) => assertion.status === "failed"),
  ).length;

  const failedTests = count("failed") + brokenFiles;
  const unexplained = vitestStatus !== 0 && failedTests === 0 ? 1 : 0;
  return {
    passed: count("passed"),
    failed: failedTests + unexplained + (checkStatus === 0 ? 0 : 1),
    skipped: count("skipped", "pending", "todo", "disabled"),
    notes: [...files.flatMap(notesOf), ...(checkStatus === 0 ? [] : ["failed: npm run check"])],
  };
}

function notesOf({ name, status, assertionResults }: VitestReport["testResults"][number]): readonly string[] {
  const lines = assertionResults.flatMap((test) => {
    const why = `${name}: ${test.fullName}: ${test.failureMessages.at(-1)?.split("\n")[0] ?? ""}`;
    if (test.status === "failed") return [`failed: ${why}`];
    if (test.status === "passed" && test.failureMessages.length > 0) return [`passed when repeated: ${why}`];
    return [];
  });
  const isBroken = status === "failed" && !assertionResults.some((test) => test.status === "failed");
  return isBroken ? [...lines, `failed: ${name}: the file, or one of its hooks`] : lines;
}

/** The notes, then the counts on the last line. */
export function formatSummary({ passed, failed, skipped, notes }: Summary): string {
  const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  return [...notes, counts].join("\n");
}
