/** The parts of vitest's JSON report that are counted here. */
export type VitestReport = {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
};

export type Summary = { readonly passed: number; readonly failed: number; readonly skipped: number };

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
  };
}

export function formatSummary({ passed, failed, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
