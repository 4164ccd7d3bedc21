import { checkKey, type TrackedCheck } from "@lbctl/checkers";
import { expect, test } from "vitest";
import { TrackedChecks } from "./tracked-checks.ts";

const connect = { address: "10.0.0.1", port: 80, bindto: null, bindPort: null, bindIf: null, fwmark: null };
const timing = { delayLoopMs: 0, connectTimeoutMs: 0, retry: 0, delayBeforeRetryMs: 0, warmupMs: 0 };
const at = (ms: number) => ({ monotonicMs: ms, epochMs: 1_000_000 + ms });

function entry(trackFile: string, weight: number) {
  const spec = { type: "FILE_CHECK", connect, trackFile, path: `/run/${trackFile}`, weight, reverse: false } as const;
  const check: TrackedCheck = { spec, timing, alpha: false, logAllFailures: false };
  return { key: checkKey(check), check };
}

const file = (name: string, value: number) => ({ source: { kind: "file", name } as const, value });
const [weighted, fault, other] = [entry("a", 2), entry("a", 0), entry("b", 1)];

test("what is told of a file decides every check that is about it, and no other", () => {
  const checks = new TrackedChecks();
  expect(checks.configure([weighted, fault, other], at(0))).toEqual([]);
  const changes = checks.told([file("a", 3)], at(5));
  expect(changes.map(({ key, state }) => [key, state.health, state.weightAdds])).toEqual([
    [weighted.key, "up", 6],
    [fault.key, "down", undefined],
  ]);
  expect(checks.told([file("c", 3)], at(6))).toEqual([]);
  expect(checks.told([file("a", 0)], at(7)).map(({ state }) => state.health)).toEqual(["up", "up"]);
});

test("a check that comes later has at once what is known; one that stays is left alone", () => {
  const checks = new TrackedChecks();
  checks.configure([fault], at(0));
  checks.told([file("a", 1), file("b", 5)], at(1));
  const changes = checks.configure([fault, other], at(2));
  expect(changes.map(({ key, state }) => [key, state.health, state.weightAdds])).toEqual([[other.key, "up", 5]]);
  expect(checks.told([file("a", 1)], at(3))[0]?.state.sinceEpochMs).toBe(1_000_001);
});

test("what was known when the process started gives way to what was told since; a seed keeps since when", () => {
  const checks = new TrackedChecks();
  checks.told([file("a", 1)], at(0));
  checks.toldBefore([file("a", 0), file("b", 2)]);
  const seed = { health: "down", sinceEpochMs: 77, failures: 1, verdict: null, checkedEpochMs: null } as const;
  const [first, second] = checks.configure([{ ...fault, seed }, other], at(5));
  expect(first?.state).toMatchObject({ health: "down", sinceEpochMs: 77 });
  expect(second?.state).toMatchObject({ health: "up", weightAdds: 2 });
});
