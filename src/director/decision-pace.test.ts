import { describe, expect, test } from "vitest";
import { DecisionPace } from "./decision-pace.ts";
import { ManualTime } from "./testing/manual-time.ts";

/** A pace whose decisions take so long. */
function paced(takesMs: number) {
  const time = new ManualTime();
  const decided: { readonly atMs: number; readonly names: string }[] = [];
  let workedMs = 0;
  const clock = {
    now: () => {
      const { monotonicMs, epochMs } = time.now();
      return { monotonicMs: monotonicMs + workedMs, epochMs };
    },
    setTimer: time.setTimer,
  };
  const pace = new DecisionPace(clock, (names) => {
    decided.push({ atMs: clock.now().monotonicMs, names: [...names].sort().join() });
    workedMs += takesMs;
  });
  return { time, pace, decided };
}

describe("DecisionPace", () => {
  test("health is decided on at once, as often as it changes, where that costs nothing", () => {
    const { pace, decided } = paced(0);
    pace.changed(new Set(["a"]));
    pace.changed(new Set(["a", "b"]));
    pace.changed(new Set([]));
    expect(decided).toEqual([
      { atMs: 0, names: "a" },
      { atMs: 0, names: "a,b" },
    ]);
  });

  test("where it takes 20 ms, what comes within the next 80 is decided on together", async () => {
    const { time, pace, decided } = paced(20);
    pace.changed(new Set(["a"]));
    for (const name of ["b", "c", "b"]) {
      await time.advance(10);
      pace.changed(new Set([name]));
    }
    await time.advance(200);
    expect(decided).toEqual([
      { atMs: 0, names: "a" },
      { atMs: 100, names: "b,c" },
    ]);
  });

  test("nothing waits longer than a quarter of a second, however long it takes", async () => {
    const { time, pace, decided } = paced(3000);
    pace.changed(new Set(["a"]));
    pace.changed(new Set(["b"]));
    await time.advance(250);
    expect(decided.map(({ names }) => names)).toEqual(["a", "b"]);
  });

  test("what is only said waits a second, or for the next change of health", async () => {
    const { time, pace, decided } = paced(0);
    pace.restated(new Set(["a"]));
    await time.advance(600);
    pace.restated(new Set(["b"]));
    await time.advance(400);
    expect(decided).toEqual([{ atMs: 1000, names: "a,b" }]);
    pace.restated(new Set(["a"]));
    pace.changed(new Set(["c"]));
    await time.advance(5000);
    expect(decided.slice(1)).toEqual([{ atMs: 1000, names: "a,c" }]);
  });

  test("after stop nothing is decided", async () => {
    const { time, pace, decided } = paced(0);
    pace.restated(new Set(["a"]));
    pace.stop();
    await time.advance(5000);
    expect(decided).toEqual([]);
  });
});
