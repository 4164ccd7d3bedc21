import type { Health } from "@lbctl/checkers";
import { describe, expect, test } from "vitest";
import { keyOf } from "./check-key.ts";
import { liveness } from "./liveness.ts";
import { check, checkState } from "./testing/samples.ts";

const plain = check(1);
const pessimist = check(2, { alpha: true });

function states(...healths: [ReturnType<typeof check>, Health][]) {
  return new Map(healths.map(([one, health], index) => [keyOf(one), checkState(health, 100 + index)]));
}

describe("liveness", () => {
  test("no checks: always up", () =>
    expect(liveness([], new Map())).toMatchObject({ health: "up", alive: true, reason: { kind: "no_checks" } }));

  test("one that passes again, but not often enough yet, is down and says so", () => {
    const slow = check(3, { timing: { ...plain.timing, rise: 3 } });
    const state = { ...checkState("down", 100), failures: 0, successes: 2 };
    expect(liveness([slow], new Map([[keyOf(slow), state]]))).toMatchObject({
      health: "down",
      alive: false,
      reason: { kind: "check_rising", check: "TCP_CHECK", successes: 2, rise: 3 },
    });
  });

  test("all must pass", () => {
    expect(liveness([plain, pessimist], states([plain, "up"], [pessimist, "up"]))).toMatchObject({
      health: "up",
      alive: true,
      sinceEpochMs: 101,
    });
    expect(liveness([plain, pessimist], states([plain, "up"], [pessimist, "down"]))).toMatchObject({
      health: "down",
      alive: false,
      reason: { kind: "check_failed", check: "TCP_CHECK", failures: 1 },
    });
  });

  test("what has not run counts by alpha", () => {
    expect(liveness([plain], new Map())).toMatchObject({ health: "unknown", alive: true });
    expect(liveness([pessimist], new Map())).toMatchObject({
      health: "unknown",
      alive: false,
      reason: { kind: "not_checked", countsAs: "down" },
    });
    expect(liveness([plain, pessimist], states([plain, "up"]))).toMatchObject({ health: "unknown", alive: false });
    expect(liveness([plain, pessimist], states([pessimist, "up"]))).toMatchObject({ health: "unknown", alive: true });
  });

  test("one failure decides, even while another check has not run", () =>
    expect(liveness([pessimist, plain], states([plain, "down"])).health).toBe("down"));
});
