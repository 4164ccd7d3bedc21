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

/** `taken`: what the channel has not taken yet; by default it takes all at once. */
function shown(taken: { push(onTaken: () => void): void } = { push: (onTaken) => onTaken() }) {
  const time = new ManualTime();
  const messages: { readonly atMs: number; readonly keys: string }[] = [];
  const checks = new ShownChecks(time.setTimer, ({ checks: list = [], passes = [] }, onTaken) => {
    messages.push({
      atMs: time.now().monotonicMs,
      keys: [...list, ...passes.map((pass) => ({ key: pass.key, state: pass }))]
        .map((one) => `${one.key}@${one.state.checkedEpochMs}`)
        .join(),
    });
    taken.push(onTaken);
  });
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

test("while the channel is full each check waits with its last state, and what waits comes at once after it", async () => {
  const taken: (() => void)[] = [];
  const { time, checks, messages } = shown(taken);
  checks.add([failure("a")]);
  await time.advance(200);
  for (let epochMs = 1; epochMs <= 50; epochMs++) {
    checks.add([success("a", epochMs), failure("b")]);
    checks.passed([{ key: "c", check, latencyMs: 1, checkedEpochMs: epochMs }]);
    checks.passed([{ key: "a", check, latencyMs: 1, checkedEpochMs: epochMs + 100 }]);
    await time.advance(1000);
  }
  expect(messages).toEqual([{ atMs: 200, keys: "a@null" }]);
  taken.shift()?.();
  await time.advance(200);
  expect(messages.slice(1)).toEqual([{ atMs: 50_400, keys: "a@150,b@null,c@50" }]);
  taken.shift()?.();
  await time.advance(5000);
  expect(messages).toHaveLength(2);
  checks.add([success("a", 200)]);
  await time.advance(1000);
  expect(messages.at(-1)?.keys).toBe("a@200");
  // An end does not wait for the channel.
  checks.passed([{ key: "c", check, latencyMs: 1, checkedEpochMs: 201 }]);
  checks.end();
  expect(messages.at(-1)?.keys).toBe("c@201");
});
