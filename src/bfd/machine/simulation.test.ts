import { test } from "vitest";
import { comesUpAndAgrees, noticesDeadLinks, recoversFromEverything } from "./testing/simulations.ts";

/** Two sessions on a link that loses, delays and cuts. What must hold is in testing/simulations.ts. */

const numRuns = Number(process.env.LBCTL_SIMULATIONS ?? 60);

test("on a good link both come up, agree on the same detection times, and stay up", { timeout: 3_600_000 }, () => {
  comesUpAndAgrees(numRuns);
});

test("a link that goes dead is noticed by both within their detection times", { timeout: 3_600_000 }, () => {
  noticesDeadLinks(numRuns);
});

test("through loss, delay, restarts and reloads: never stuck, and up again when the link is good", {
  timeout: 3_600_000,
}, () => {
  recoversFromEverything(numRuns);
});
