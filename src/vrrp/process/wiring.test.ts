import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Wiring, type WiringOptions } from "./wiring.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function wiringWith(state: { fails: boolean; moved: boolean }) {
  const told: string[] = [];
  const options: WiringOptions = {
    wire: {
      configure: () => void told.push("wired"),
      get hasFailed() {
        return state.fails;
      },
    },
    surroundings: {
      haveMoved: () => state.moved,
      sourceOf: () => null,
      stationOf: () => {
        throw new Error("there are no routers");
      },
    },
    flush: () => void told.push("flushed"),
    onRetry: () => wiring.renewIfNeeded([]),
  };
  const wiring = new Wiring(options);
  return { wiring, told };
}

test("a socket that could not be opened is tried again until it is, and no longer", () => {
  const state = { fails: true, moved: false };
  const { wiring, told } = wiringWith(state);
  wiring.renew([]);
  expect(told.splice(0)).toEqual(["flushed", "wired"]);
  vi.advanceTimersByTime(2_500);
  expect(told.splice(0)).toEqual(["flushed", "wired", "flushed", "wired"]);
  state.fails = false;
  // Others may have it renewed meanwhile.
  wiring.renew([]);
  told.splice(0);
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
});

test("nothing is renewed where nothing has moved, nor tried again after the end", () => {
  const state = { fails: false, moved: false };
  const { wiring, told } = wiringWith(state);
  wiring.renewIfNeeded([]);
  expect(told).toEqual([]);
  state.moved = true;
  state.fails = true;
  wiring.renewIfNeeded([]);
  expect(told.splice(0)).toEqual(["flushed", "wired"]);
  wiring.close();
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
});
