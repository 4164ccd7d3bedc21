// Brings docs/metrics.md up to date with the table of metrics: node src/web/metrics/write-manual.ts
import { readFileSync, writeFileSync } from "node:fs";
import { updateMetricsManual } from "./manual.ts";
import { metricGroups } from "./table.ts";

const path = new URL("../../../docs/metrics.md", import.meta.url);
writeFileSync(path, updateMetricsManual(readFileSync(path, "utf8"), metricGroups));
