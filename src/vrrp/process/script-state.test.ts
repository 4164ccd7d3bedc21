import { expect, test } from "vitest";
import { afterResult, initialScriptState, type ScriptState } from "./script-state.ts";

function values(results: string, settings: { rise: number; fall: number; initFail: boolean }): (string | null)[] {
  let state: ScriptState = initialScriptState(settings);
  return [...results].map((result) => {
    state = afterResult(state, result === "+", settings);
    return state.value;
  });
}

test("S4: two failures in a row make it down, one success up; one failure is nothing", () =>
  expect(values("+-+--+", { rise: 1, fall: 2, initFail: false })).toEqual(["up", "up", "up", "up", "down", "up"]));

test("rise", () =>
  expect(values("-+-+++", { rise: 3, fall: 1, initFail: false })).toEqual([
    "down",
    "down",
    "down",
    "down",
    "down",
    "up",
  ]));

test("init_fail is down until it has risen, otherwise nothing is known before the first result", () => {
  expect(initialScriptState({ initFail: false }).value).toBeNull();
  expect(initialScriptState({ initFail: true }).value).toBe("down");
  expect(values("++", { rise: 2, fall: 1, initFail: true })).toEqual(["down", "up"]);
});
