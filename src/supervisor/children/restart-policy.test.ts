import { expect, test } from "vitest";
import { neverRestarted, restartDelay } from "./restart-policy.ts";

test("the first restart is quick, later ones double up to 30 s", () => {
  let state = neverRestarted;
  const delays: number[] = [];
  for (let i = 0; i < 11; i++) {
    const next = restartDelay(state, 10);
    delays.push(next.delayMs);
    state = next.state;
  }
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
});

test("a child that lived a minute starts again at once", () => {
  expect(restartDelay({ attempts: 9 }, 60_000)).toEqual({ state: { attempts: 1 }, delayMs: 100 });
});
