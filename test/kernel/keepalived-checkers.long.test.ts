import { test } from "vitest";
import { runCheckerStages } from "./verdicts/checker-stages.ts";
import { checkerStages } from "./verdicts/checkers.ts";

test(
  "each checker: services break in every way, and keepalived says the same but where we differ on purpose",
  () => runCheckerStages(checkerStages.length),
  1_200_000,
);
