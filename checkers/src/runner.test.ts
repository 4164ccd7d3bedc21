import { describe, expect, test } from "vitest";
import type { OnProbeResults, ProbeRequest } from "./engine.ts";
import type { CheckState } from "./health.ts";
import { type CheckChange, type CheckPass, CheckRunner } from "./runner.ts";
import { passed, refused, timing } from "./testing/examples.ts";
import { entry, type SimulatedServer, simulate, VirtualTime } from "./testing/simulation.ts";

const alive: SimulatedServer = () => ({ alive: true, answerMs: 1 });

const transitions = (changes: readonly CheckChange[]) =>
  changes.flatMap(({ transition }) => (transition ? [`${transition.from}-${transition.to}`] : []));

describe("CheckRunner", () => {
  test("first runs within the warm-up, then every delay_loop after the end of the run before, on the grid", () => {
    const { time, runner, engine, changes } = simulate(() => ({ alive: true, answerMs: 500 }));
    runner.configure([entry(1)]);
    time.runUntil(20_000);
    expect(engine.runs.map(({ startMs }) => startMs)).toEqual([2800, 9200, 15_600]);
    expect(transitions(changes)).toEqual(["unknown-up"]);
    expect(runner.state(entry(1).key)).toMatchObject({ health: "up", checkedEpochMs: 1_016_100 });
  });

  test("a failing check is retried, goes down once, and comes up at the first success", () => {
    const { time, runner, changes } = simulate((_, atMs) => ({ alive: atMs < 10_000 || atMs > 40_000, answerMs: 10 }));
    runner.configure([entry(1, { timing: timing({ retry: 2 }) })]);
    time.runUntil(60_000);
    expect(transitions(changes)).toEqual(["unknown-up", "up-down", "down-up"]);
    expect(changes.find(({ transition }) => transition?.to === "down")?.transition?.failures).toBe(3);
  });

  test("a reload keeps state and rhythm of what stays, cancels what left, and starts what is new", () => {
    const { time, runner, engine } = simulate(() => ({ alive: true, answerMs: 2000 }));
    runner.configure([entry(1), entry(2)]);
    time.runUntil(3500);
    expect(engine.open).toBe(2);
    const kept = runner.state(entry(1).key);
    runner.configure([entry(1), entry(3)]);
    expect(engine.open).toBe(1);
    expect([...runner.states().keys()]).toEqual([entry(1).key, entry(3).key]);
    expect(runner.state(entry(1).key)).toBe(kept);
    time.runUntil(9000);
    expect(engine.runs.map(({ port, startMs }) => [port, startMs])).toEqual([
      [1, 2800],
      [2, 2800],
      [3, 6400],
    ]);
  });

  test("a seeded check goes on as in mid-cycle: state kept, no warm-up, one failure short of nothing", () => {
    const { time, runner, engine, changes } = simulate(() => ({ alive: false, answerMs: 1 }));
    const seed: CheckState = { health: "up", sinceEpochMs: 5, failures: 1, verdict: refused, checkedEpochMs: 7 };
    runner.configure([{ ...entry(1, { timing: timing({ warmupMs: 0 }) }), seed }]);
    expect(runner.states().get(entry(1, { timing: timing({ warmupMs: 0 }) }).key)).toBe(seed);
    time.runUntil(8500);
    expect(engine.runs[0]?.startMs).toBe(2800);
    expect(transitions(changes)).toEqual(["up-down"]);
  });

  test("a key given twice is one check: alpha if all ask for it, logging if one does", () => {
    const { time, runner, engine, changes } = simulate(alive);
    runner.configure([entry(1, { alpha: true, logAllFailures: true }), entry(1, { alpha: false })]);
    time.runUntil(5000);
    expect(engine.runs).toHaveLength(1);
    expect(changes[0]?.check).toMatchObject({ alpha: false, logAllFailures: true });
  });

  test("runNow starts at once, and not a second run of what is under way", () => {
    const { time, runner, engine } = simulate(() => ({ alive: true, answerMs: 500 }));
    runner.configure([entry(1), entry(2)]);
    time.runUntil(100);
    runner.runNow([entry(1).key, "unknown"]);
    runner.runNow([entry(1).key]);
    expect(engine.runs.map(({ port, startMs }) => [port, startMs])).toEqual([[1, 100]]);
  });

  test("no more than maxConcurrency runs at once; the rest follow as results come", () => {
    let most = 0;
    const { time, runner, engine } = simulate(() => ({ alive: true, answerMs: 100 }), { maxConcurrency: 3 });
    runner.configure(Array.from({ length: 10 }, (_, port) => entry(port)));
    for (let ms = 2800; ms < 3400; ms += 10) {
      time.runUntil(ms);
      most = Math.max(most, engine.open);
    }
    expect([most, engine.runs.length]).toEqual([3, 10]);
    expect(runner.readLateness()).toMatchObject({ runs: 10, maxMs: 300 });
  });

  test("after a stall every check runs once, not as often as it missed", () => {
    const { time, runner, engine } = simulate(alive);
    runner.configure(Array.from({ length: 5 }, (_, port) => entry(port)));
    time.runUntil(4000);
    time.stall(60_000);
    time.runUntil(time.nowMs + 5000);
    expect(engine.runs).toHaveLength(10);
  });

  test("wakes up once for all that is due together, and not at all for nothing", () => {
    const { time, runner } = simulate(alive, { random: () => 0 });
    runner.configure(Array.from({ length: 100 }, (_, port) => entry(port)));
    time.runUntil(29_000);
    // Five rounds of one wake-up each and a hundred results.
    expect(time.wakeUps).toBe(5 + 500);
  });

  test("what the engine repeats and passes changes a state and nothing else; it is told as a pass", () => {
    const passes: CheckPass[] = [];
    const { time, runner, changes } = simulate(() => ({ alive: true, answerMs: 10 }), {
      repeats: true,
      onPasses: (batch) => passes.push(...batch),
    });
    runner.configure([entry(1)]);
    time.runUntil(15_000);
    expect(changes).toHaveLength(1);
    expect(passes.map(({ checkedEpochMs }) => checkedEpochMs)).toEqual([1_008_810, 1_014_810]);
    expect(runner.state(entry(1).key)).toMatchObject({ health: "up", failures: 0, checkedEpochMs: 1_014_810 });
    // Nothing wakes up for it but the engine: a start and an end of each run.
    const { wakeUps } = time;
    time.runUntil(27_000);
    expect(time.wakeUps - wakeUps).toBe(4);
  });

  test("after stop nothing runs and nothing is reported", () => {
    const { time, runner, engine, changes } = simulate(() => ({ alive: true, answerMs: 100 }));
    runner.configure([entry(1)]);
    time.runUntil(2850);
    runner.stop();
    runner.stop();
    runner.configure([entry(1)]);
    runner.runNow([entry(1).key]);
    time.runUntil(60_000);
    expect([engine.open, engine.runs.length, changes.length]).toEqual([0, 1, 0]);
  });

  test("results of runs that were cancelled or never started are ignored", () => {
    let report: OnProbeResults = () => {};
    const started: ProbeRequest[] = [];
    const changes: CheckChange[] = [];
    const time = new VirtualTime();
    const runner = new CheckRunner({
      createEngine: (onResults) => {
        report = onResults;
        return { start: (batch) => started.push(...batch), cancel: () => {}, close: () => {} };
      },
      now: time.now,
      random: () => 0,
      setTimer: time.setTimer,
      onChanges: (batch) => changes.push(...batch),
    });
    runner.configure([entry(1)]);
    time.runUntil(0);
    runner.configure([entry(2)]);
    report([
      { id: started[0]?.id as number, verdict: passed },
      { id: 999, verdict: passed },
    ]);
    expect(changes).toEqual([]);
    expect(runner.state(entry(2).key)?.health).toBe("unknown");
  });
});
