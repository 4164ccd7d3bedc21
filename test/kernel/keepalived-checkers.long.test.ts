import { test } from "vitest";
import { runCheckerStages } from "./verdicts/checker-stages.ts";
import { checkerStages } from "./verdicts/checkers.ts";

test(
  "S9: services break in every way for each checker, from keepalived.conf and YAML, and keepalived says the same but where we differ on purpose",
  () => runCheckerStages(checkerStages.length),
  1_200_000,
);
