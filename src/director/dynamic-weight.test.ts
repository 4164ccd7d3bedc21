import { type Check, type CheckState, checkKey } from "@lbctl/checkers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { dynamicWeight } from "./dynamic-weight.ts";

const connect = { address: "192.0.2.1", port: 80, bindto: null, bindPort: null, bindIf: null, fwmark: null };
const timing = { delayLoopMs: 1000, connectTimeoutMs: 1000, retry: 0, delayBeforeRetryMs: 1000, warmupMs: 0 };

function checkNumber(number: number): Check {
  const script = { command: `/check ${number}`, user: null, group: null };
  return { spec: { type: "MISC_CHECK", connect, script, dynamic: true }, timing, alpha: false, logAllFailures: false };
}

function weightOf(
  configured: number,
  said: readonly (number | undefined)[],
  order = said.map((_, index) => index),
): number {
  const checks = said.map((_, index) => checkNumber(index));
  const states = order.map((index): [string, CheckState] => {
    const weight = said[index];
    const state = { health: "up", sinceEpochMs: 0, failures: 0, verdict: null, checkedEpochMs: 0 } as const;
    return [checkKey(checks[index] as Check), weight === undefined ? state : { ...state, weight }];
  });
  return dynamicWeight(configured, checks, new Map(states));
}

const weights = fc.nat(253);
const said = fc.array(fc.option(weights, { nil: undefined }), { maxLength: 4 });

test("one check sets the weight, whatever was configured; none leaves it", () => {
  fc.assert(
    fc.property(weights, weights, (configured, weight) => {
      expect(weightOf(configured, [weight])).toBe(weight);
      expect(weightOf(configured, [undefined])).toBe(configured);
    }),
  );
});

test("several add up, in any order, and never leave what the kernel takes", () => {
  fc.assert(
    fc.property(weights, said, fc.infiniteStream(fc.nat()), (configured, list, random) => {
      const shuffled = list
        .map((_, index) => ({ index, key: random.next().value as number }))
        .sort((a, b) => a.key - b.key);
      const weight = weightOf(configured, list);
      expect(
        weightOf(
          configured,
          list,
          shuffled.map(({ index }) => index),
        ),
      ).toBe(weight);
      const sum = list.reduce<number>(
        (total, each) => total + (each === undefined ? 0 : each - configured),
        configured,
      );
      expect(weight).toBe(Math.max(0, sum));
    }),
  );
});
