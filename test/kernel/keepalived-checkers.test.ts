import { test } from "vitest";
import { runCheckerStages } from "./verdicts/checker-stages.ts";

test("each checker: services break and are mended, and keepalived says the same", () => runCheckerStages(3), 600_000);
