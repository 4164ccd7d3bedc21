// usage: node scripts/test-summary.ts REPORT VITEST_STATUS CHECK_STATUS
// The last line of npm test, and its exit status.
import { readFileSync } from "node:fs";
import { formatSummary, summarize, type VitestReport } from "./test-summary/summary.ts";

const [reportPath = "", vitestStatus, checkStatus] = process.argv.slice(2);
const summary = summarize(readReport(reportPath), Number(vitestStatus), Number(checkStatus));
console.log(formatSummary(summary));
process.exitCode = summary.failed > 0 ? 1 : 0;

function readReport(path: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // vitest did not get as far as writing one
  }
}
