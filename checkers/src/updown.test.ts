import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CheckState, Health } from "./health.ts";
import { passed, refused, timing } from "./testing/examples.ts";
import { applyVerdict, type Decision, unknownState } from "./updown.ts";
import type { Verdict } from "./verdict.ts";

const at = (ms: number) => ({ monotonicMs: ms, epochMs: 1_000_000 + ms });

function stateOf(health: Health): CheckState {
  return { ...unknownState(at(0)), health };
}

/** Feeds verdicts one second apart. */
function feed(state: CheckState, verdicts: readonly Verdict[], retry: number, alpha = false): Decision[] {
  const decisions: Decision[] = [];
  for (const [index, verdict] of verdicts.entries()) {
    const before = decisions.at(-1)?.state ?? state;
    decisions.push(applyVerdict(before, { timing: timing({ retry }), alpha }, verdict, at(1000 * (index + 1))));
  }
  return decisions;
}

const healths = (decisions: readonly Decision[]) => decisions.map(({ state }) => state.health);
const delays = (decisions: readonly Decision[]) => decisions.map(({ nextRunMs }) => nextRunMs);

describe("a check that is up", () => {
  test("goes down after retry further failures, delay_before_retry apart, then is tried every delay_loop", () => {
    const decisions = feed(stateOf("up"), [refused, refused, refused, refused], 2);
    expect(healths(decisions)).toEqual(["up", "up", "down", "down"]);
    expect(delays(decisions)).toEqual([1000, 1000, 6000, 6000]);
  });

  test("with retry 0 goes down at once", () => {
    expect(healths(feed(stateOf("up"), [refused], 0))).toEqual(["down"]);
  });

  test("forgets failures at the first success", () => {
    const decisions = feed(stateOf("up"), [refused, refused, passed, refused, refused], 2);
    expect(healths(decisions)).toEqual(["up", "up", "up", "up", "up"]);
    expect(decisions.map(({ state }) => state.failures)).toEqual([1, 2, 0, 1, 2]);
    expect(delays(decisions)).toEqual([1000, 1000, 6000, 1000, 1000]);
  });

  test("the transition carries both ends, how long it was up, and which failure it was", () => {
    const [, , decision] = feed({ ...stateOf("up"), sinceEpochMs: 1_000_000 - 5000 }, [refused, refused, refused], 2);
    expect(decision?.transition).toEqual({ from: "up", to: "down", heldMs: 8000, failures: 3, verdict: refused });
    expect(decision?.state.sinceEpochMs).toBe(1_003_000);
  });
});

describe("a check that is down", () => {
  test("comes up at the first success", () => {
    const decisions = feed(stateOf("down"), [refused, passed], 3);
    expect(healths(decisions)).toEqual(["down", "up"]);
    expect(decisions[1]?.transition).toMatchObject({ from: "down", to: "up", failures: 0 });
  });
});

describe("rise and fast_interval", () => {
  const feedWith = (state: CheckState, verdicts: readonly Verdict[], more: object, alpha = false): Decision[] => {
    const decisions: Decision[] = [];
    for (const [index, verdict] of verdicts.entries()) {
      const before = decisions.at(-1)?.state ?? state;
      const check = { timing: timing({ retry: 1, ...more }), alpha };
      decisions.push(applyVerdict(before, check, verdict, at(1000 * (index + 1))));
    }
    return decisions;
  };

  test("a check that is down comes up after rise successes in a row, fast_interval apart", () => {
    const decisions = feedWith(stateOf("down"), [passed, passed, refused, passed, passed, passed], {
      rise: 3,
      fastIntervalMs: 250,
    });
    expect(healths(decisions)).toEqual(["down", "down", "down", "down", "down", "up"]);
    expect(delays(decisions)).toEqual([250, 250, 6000, 250, 250, 6000]);
    expect(decisions.map(({ state }) => state.successes ?? 0)).toEqual([1, 2, 0, 1, 2, 0]);
    expect(decisions.at(-1)?.state.recoveredEpochMs).toBe(1_006_000);
  });

  test("without fast_interval successes are counted a delay_loop apart, failures a delay_before_retry", () => {
    expect(delays(feedWith(stateOf("down"), [passed, passed], { rise: 2 }))).toEqual([6000, 6000]);
    expect(delays(feedWith(stateOf("up"), [refused, refused], { rise: 2 }))).toEqual([1000, 6000]);
    expect(delays(feedWith(stateOf("up"), [refused, refused], { fastIntervalMs: 250 }))).toEqual([250, 6000]);
  });

  test("a check that never ran is up at once, with alpha after rise successes; neither is a recovery", () => {
    expect(healths(feedWith(stateOf("unknown"), [passed], { rise: 3 }))).toEqual(["up"]);
    const decisions = feedWith(stateOf("unknown"), [passed, passed], { rise: 2 }, true);
    expect(healths(decisions)).toEqual(["unknown", "up"]);
    expect(decisions.at(-1)?.state.recoveredEpochMs).toBeUndefined();
  });

  test("whatever comes: up follows rise successes in a row, down retry + 1 failures, and nothing else changes it", () => {
    const verdict = fc.constantFrom<Verdict>(passed, refused);
    fc.assert(
      fc.property(
        fc.array(verdict, { maxLength: 30 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(3),
        (list, rise, retry) => {
          let [health, inARow, last]: [Health, number, boolean | null] = ["up", 0, null];
          for (const { verdict: got, state } of feedWith(stateOf("up"), list, { rise, retry }).map((each, index) => ({
            ...each,
            verdict: list[index] as Verdict,
          }))) {
            inARow = got.ok === last ? inARow + 1 : 1;
            last = got.ok;
            if (health === "up" && !got.ok && inARow > retry) health = "down";
            else if (health === "down" && got.ok && inARow >= rise) health = "up";
            expect(state.health).toBe(health);
          }
        },
      ),
    );
  });
});

describe("a check that never ran", () => {
  test("counts as up: it stays unknown through the retries, then is down", () => {
    const decisions = feed(stateOf("unknown"), [refused, refused], 1);
    expect(healths(decisions)).toEqual(["unknown", "down"]);
    expect(delays(decisions)).toEqual([1000, 6000]);
  });

  test("with alpha counts as down: no retries, one success brings it up", () => {
    const decisions = feed(stateOf("unknown"), [refused, passed], 1, true);
    expect(healths(decisions)).toEqual(["down", "up"]);
    expect(delays(decisions)).toEqual([6000, 6000]);
  });

  test("a clock set back does not make a negative time", () => {
    const decision = applyVerdict(
      { ...stateOf("up"), sinceEpochMs: 2e12 },
      { timing: timing({ retry: 0 }), alpha: false },
      refused,
      at(0),
    );
    expect(decision.transition?.heldMs).toBe(0);
  });
});

describe("for any sequence of verdicts", () => {
  const verdicts = fc.array(fc.constantFrom(passed, refused), { minLength: 1, maxLength: 40 });
  const start = fc.constantFrom<Health>("up", "down", "unknown");
  const scenarios = [verdicts, start, fc.nat(4), fc.boolean()] as const;

  test("a transition is reported exactly when health changed", () => {
    fc.assert(
      fc.property(...scenarios, (list, from, retry, alpha) => {
        let before: Health = from;
        for (const { state, transition } of feed(stateOf(from), list, retry, alpha)) {
          expect(transition === null).toBe(state.health === before);
          if (transition) expect([transition.from, transition.to]).toEqual([before, state.health]);
          before = state.health;
        }
      }),
    );
  });

  test("up goes down after exactly retry + 1 failures in a row; failures are counted in a row", () => {
    fc.assert(
      fc.property(...scenarios, (list, from, retry, alpha) => {
        let inARow = 0;
        let wasUp = from === "up" || (from === "unknown" && !alpha);
        for (const [index, { state }] of feed(stateOf(from), list, retry, alpha).entries()) {
          inARow = list[index] === passed ? 0 : inARow + 1;
          expect(state.failures).toBe(inARow);
          const down = list[index] !== passed && (!wasUp || inARow > retry);
          expect(state.health === "down").toBe(down);
          wasUp = !down;
        }
      }),
    );
  });
});
