import { type Check, type CheckChange, unknownState } from "@lbctl/checkers";
import { expect, test } from "vitest";
import { ManualTime } from "../../director/testing/manual-time.ts";
import { ShownChecks } from "./shown-checks.ts";

const check = {} as Check;
const state = unknownState({ monotonicMs: 0, epochMs: 0 });

function success(key: string, checkedEpochMs: number): CheckChange {
  return { key, check, state: { ...state, health: "up", checkedEpochMs }, transition: null };
}

function failure(key: string): CheckChange {
  return { key, check, state: { ...state, health: "up", failures: 1 }, transition: null };
}

function shown() {
  const time = new ManualTime();
  const messages: { readonly atMs: number; readonly keys: string }[] = [];
  const checks = new ShownChecks(time.setTimer, ({ checks: list = [], passes = [] }) =>
    messages.push({
      atMs: time.now().monotonicMs,
      keys: [...list, ...passes.map((pass) => ({ key: pass.key, state: pass }))]
        .map((one) => `${one.key}@${one.state.checkedEpochMs}`)
        .join(),
    }),
  );
  return { time, checks, messages };
}

test("successes are shown once a second, each check with its last one", async () => {
  const { time, checks, messages } = shown();
  checks.add([success("a", 1), success("b", 2)]);
  await time.advance(500);
  checks.add([success("a", 3)]);
  checks.add([]);
  await time.advance(5000);
  expect(messages).toEqual([{ atMs: 1000, keys: "a@3,b@2" }]);
});

test("a failure is shown sooner, and what waits with it", async () => {
  const { time, checks, messages } = shown();
  checks.add([success("a", 1)]);
  await time.advance(100);
  checks.add([failure("b")]);
  await time.advance(100);
  checks.add([failure("b")]);
  await time.advance(5000);
  expect(messages).toEqual([{ atMs: 300, keys: "a@1,b@null" }]);
});

test("passes are shown when they come, and after the state of their check", async () => {
  const { time, checks, messages } = shown();
  checks.add([success("a", 1)]);
  await time.advance(400);
  checks.passed([
    { key: "a", check, latencyMs: 1, checkedEpochMs: 2 },
    { key: "b", check, latencyMs: 1, checkedEpochMs: 2 },
    { key: "b", check, latencyMs: 1, checkedEpochMs: 3 },
  ]);
  await time.advance(5000);
  expect(messages).toEqual([
    { atMs: 400, keys: "b@3" },
    { atMs: 1000, keys: "a@2" },
  ]);
});

test("at the end what waits is shown, and nothing after it", async () => {
  const { time, checks, messages } = shown();
  checks.add([success("a", 1)]);
  await time.advance(100);
  checks.end();
  checks.end();
  checks.add([failure("b")]);
  checks.passed([{ key: "a", check, latencyMs: 1, checkedEpochMs: 2 }]);
  await time.advance(5000);
  expect(messages).toEqual([{ atMs: 100, keys: "a@1" }]);
});
