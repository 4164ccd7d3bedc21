import { expect, test } from "vitest";
import type { ProbeSpec } from "../check.ts";
import { describeVerdict } from "../describe.ts";
import type { RunScript, ScriptOutcome } from "../misc/judge-script.ts";
import { createProbeEngine } from "../probe-engine.ts";
import { check, connectTo } from "../testing/examples.ts";
import { EngineUnderTest } from "../testing/probe-once.ts";
import { applyVerdict } from "../updown.ts";
import type { Verdict } from "../verdict.ts";

const timeoutMs = 300;
const script = { command: "/etc/lb/check 10.0.0.11", user: "nobody", group: null };
const misc = (dynamic: boolean): ProbeSpec => ({ type: "MISC_CHECK", connect: connectTo(80), script, dynamic });

async function probe(runScript: RunScript | null, dynamic = false): Promise<Verdict> {
  const options = runScript === null ? {} : { runScript };
  const subject = new EngineUnderTest((onResults) => createProbeEngine(onResults, options));
  return (await subject.run([misc(dynamic)], timeoutMs))[0] as Verdict;
}

const ends =
  (outcome: ScriptOutcome): RunScript =>
  async () =>
    outcome;
const exits = (status: number) => ends({ kind: "exited", status });

test("has the script run with its user and its time", async () => {
  const seen: unknown[] = [];
  await probe(async (...given) => {
    seen.push(...given);
    return { kind: "exited", status: 0 };
  });
  expect(seen).toEqual([script, timeoutMs]);
});

test.each([
  [0, false, { ok: true }],
  [1, false, { ok: false, reason: { kind: "script", end: { kind: "exited", status: 1 } } }],
  [2, false, { ok: false }],
  [0, true, { ok: true, weight: "configured" }],
  [1, true, { ok: false }],
  [2, true, { ok: true, weight: 0 }],
  [12, true, { ok: true, weight: 10 }],
  [255, true, { ok: true, weight: 253 }],
] as const)("exit status %d, misc_dynamic %s", async (status, dynamic, verdict) => {
  const got = await probe(exits(status), dynamic);
  expect(got).toMatchObject(verdict);
  expect("weight" in got).toBe("weight" in verdict);
});

test.each([
  [ends({ kind: "killed", signal: "SIGSEGV" }), "script was ended by SIGSEGV"],
  [ends({ kind: "timed_out", afterMs: 300 }), "script did not end within 300 ms"],
  [ends({ kind: "not_run", message: "no such user" }), "script was not run: no such user"],
  [() => Promise.reject(new Error("channel closed")), "script was not run: channel closed"],
  [() => new Promise<never>(() => {}), "script did not end within 300 ms"],
  [null, "script was not run: nothing here runs scripts"],
] as [RunScript | null, string][])("%#: %s", async (runScript, sentence) => {
  expect(describeVerdict(await probe(runScript, true))).toBe(sentence);
});

test("a script that was cancelled has no result", async () => {
  const ended = Promise.withResolvers<ScriptOutcome>();
  const subject = new EngineUnderTest((onResults) => createProbeEngine(onResults, { runScript: () => ended.promise }));
  subject.engine.cancel(subject.start([misc(false)], timeoutMs));
  ended.resolve({ kind: "exited", status: 0 });
  await new Promise((resolve) => setTimeout(resolve, 2 * timeoutMs));
  expect(subject.results).toEqual([]);
});

test("the weight is what was said last: silence and failures keep it, nothing adds up, 0 ends it", () => {
  const at = { monotonicMs: 0, epochMs: 0 };
  const said = [10, undefined, 10, 3, undefined].map((weight) => (weight === undefined ? {} : { weight }));
  let state = applyVerdict(
    { health: "unknown", sinceEpochMs: 0, failures: 0, verdict: null, checkedEpochMs: null },
    check(),
    { ok: true, latencyMs: 1 },
    at,
  ).state;
  expect(state.weight).toBeUndefined();
  const weights = said.map((findings) => {
    state = applyVerdict(state, check(), { ok: true, latencyMs: 1, ...findings }, at).state;
    return state.weight;
  });
  expect(weights).toEqual([10, 10, 10, 3, 3]);
  const ended = { ok: true, latencyMs: 1, weight: "configured" } as const;
  expect(applyVerdict(state, check(), ended, at).state.weight).toBeUndefined();
  const failed = { ok: false, latencyMs: 1, reason: { kind: "refused" }, url: null } as const;
  expect(applyVerdict(state, check({ timing: { ...check().timing, retry: 0 } }), failed, at).state).toMatchObject({
    health: "down",
    weight: 3,
  });
});
