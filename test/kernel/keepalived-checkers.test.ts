import { test } from "vitest";
import { runCheckerStages } from "./verdicts/checker-stages.ts";

test(
  "S9: services break and are mended for each checker, from keepalived.conf and YAML, and keepalived says the same",
  () => runCheckerStages(3),
  600_000,
);
