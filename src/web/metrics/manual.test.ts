import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { updateMetricsManual } from "./manual.ts";
import { metricGroups } from "./table.ts";

test("docs/metrics.md has every metric as it is (if not: node src/web/metrics/write-manual.ts)", () => {
  const manual = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");
  expect(updateMetricsManual(manual, metricGroups)).toBe(manual);
});

test("a manual without marks is not overwritten", () => {
  expect(() => updateMetricsManual("# Metrics", metricGroups)).toThrow("marks");
});
