import { checkKey, type ProbedCheck } from "../check.ts";
import type { OnProbePasses, OnProbeResults, ProbeEngine, ProbeRequest, ProbeResult, Repeats } from "../engine.ts";
import { exchangeCount } from "../removal-bound.ts";
import { type CheckChange, type CheckEntry, CheckRunner, type CheckRunnerOptions, type SetTimer } from "../runner.ts";
import { togetherMs } from "../together.ts";
import { check, connectTo, passed, refused, tcpCheck } from "./examples.ts";

/** A clock that moves only when told to, and the timers on it. */
export class VirtualTime {
  nowMs = 0;
  readonly #timers = new Map<number, { readonly dueMs: number; readonly callback: () => void }>();
  #nextId = 1;
  /** Timers that were fired. */
  wakeUps = 0;

  readonly setTimer: SetTimer = (callback, delayMs) => {
    const id = this.#nextId++;
    this.#timers.set(id, { dueMs: this.nowMs + delayMs, callback });
    return () => this.#timers.delete(id);
  };

  readonly now = () => ({ monotonicMs: this.nowMs, epochMs: 1_000_000 + this.nowMs });

  runUntil(endMs: number): void {
    for (let next = this.#earliest(); next !== null && next.dueMs <= endMs; next = this.#earliest()) {
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      this.#timers.delete(next.id);
      this.wakeUps += 1;
      next.callback();
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  /** The process does not run for this long: timers that were due meanwhile fire late. */
  stall(ms: number): void {
    this.nowMs += ms;
  }

  #earliest(): { id: number; dueMs: number; callback: () => void } | null {
    let earliest: { id: number; dueMs: number; callback: () => void } | null = null;
    for (const [id, timer] of this.#timers) if (!earliest || timer.dueMs < earliest.dueMs) earliest = { id, ...timer };
    return earliest;
  }
}

export interface SimulatedRun {
  readonly port: number;
  readonly startMs: number;
  endMs: number | null;
}

/** Whether the server on this port answers an exchange that would end at this moment, and after how long. */
export type SimulatedServer = (port: number, atMs: number) => { readonly alive: boolean; readonly answerMs: number };

/** An engine whose servers are a function of time. A check is known by its port. */
export class SimulatedEngine implements ProbeEngine {
  readonly runs: SimulatedRun[] = [];
  readonly #open = new Map<number, { readonly run: SimulatedRun; readonly cancel: () => void }>();
  readonly #time: VirtualTime;
  readonly #server: SimulatedServer;
  readonly #onResults: OnProbeResults;
  /** How to end what waits to be repeated. */
  readonly #waiting = new Map<number, { readonly now: () => void; readonly cancel: () => void }>();
  readonly repeats?: Repeats;

  /** With `onPasses` it repeats checks. */
  constructor(time: VirtualTime, server: SimulatedServer, onResults: OnProbeResults, onPasses?: OnProbePasses) {
    this.#time = time;
    this.#server = server;
    this.#onResults = onResults;
    if (onPasses === undefined) return;
    this.repeats = {
      can: () => true,
      start: (batch) => {
        for (const request of batch) this.#wait(request, request.everyMs, onPasses);
      },
      expedite: (ids) => {
        for (const id of ids) this.#waiting.get(id)?.now();
      },
      readLateness: () => ({ runs: 0, maxMs: 0, meanMs: 0 }),
    };
  }

  get open(): number {
    return this.#open.size;
  }

  start(batch: readonly ProbeRequest[]): void {
    if (batch.length === 0) throw new Error("an empty batch was started");
    for (const request of batch) this.#begin(request, (result) => this.#onResults([result]));
  }

  cancel(ids: readonly number[]): void {
    for (const id of ids) {
      this.#open.get(id)?.cancel();
      this.#open.delete(id);
      this.#waiting.get(id)?.cancel();
      this.#waiting.delete(id);
    }
  }

  #begin(request: ProbeRequest, ended: (result: ProbeResult) => void): void {
    const run: SimulatedRun = { port: request.spec.connect.port, startMs: this.#time.nowMs, endMs: null };
    if ([...this.#open.values()].some((other) => other.run.port === run.port)) throw new Error("two runs at once");
    this.runs.push(run);
    const { durationMs, result } = this.#outcome(request);
    const cancel = this.#time.setTimer(() => {
      this.#open.delete(request.id);
      run.endMs = this.#time.nowMs;
      ended(result);
    }, durationMs);
    this.#open.set(request.id, { run, cancel });
  }

  #wait(request: ProbeRequest, everyMs: number, onPasses: OnProbePasses): void {
    const { id } = request;
    const begin = () => {
      cancel();
      this.#waiting.delete(id);
      this.#begin(request, (result) => {
        if (!result.verdict.ok) return this.#onResults([result]);
        this.#wait(request, everyMs, onPasses);
        onPasses([{ id, latencyMs: result.verdict.latencyMs, ageMs: 0 }]);
      });
    };
    const { nowMs } = this.#time;
    const cancel = this.#time.setTimer(begin, Math.max(0, togetherMs(nowMs + everyMs, everyMs) - nowMs));
    this.#waiting.set(id, { now: begin, cancel });
  }

  close(): void {
    this.cancel([...this.#open.keys()]);
  }

  /** Exchanges one after another; one with a dead server lasts until its deadline. */
  #outcome({ id, spec, timeoutMs }: ProbeRequest): { durationMs: number; result: ProbeResult } {
    let durationMs = 0;
    for (let exchange = 0; exchange < exchangeCount(spec); exchange++) {
      const startMs = this.#time.nowMs + durationMs;
      const { answerMs } = this.#server(spec.connect.port, startMs);
      const { alive } = this.#server(spec.connect.port, startMs + answerMs);
      if (!alive || answerMs > timeoutMs)
        return { durationMs: durationMs + timeoutMs, result: { id, verdict: refused } };
      durationMs += answerMs;
    }
    return { durationMs, result: { id, verdict: passed } };
  }
}

/**
 * A runner on simulated time and servers, and everything it reported. First runs start in the middle of their warm-up. With
 * `repeats` the engine repeats checks by itself.
 */
export function simulate(
  server: SimulatedServer,
  { repeats = false, ...options }: Partial<CheckRunnerOptions> & { readonly repeats?: boolean } = {},
) {
  const time = new VirtualTime();
  const changes: (CheckChange & { readonly atMs: number })[] = [];
  let engine: SimulatedEngine | undefined;
  const runner = new CheckRunner({
    createEngine: (onResults, onPasses) => {
      engine = new SimulatedEngine(time, server, onResults, repeats ? onPasses : undefined);
      return engine;
    },
    now: time.now,
    random: () => 0.5,
    setTimer: time.setTimer,
    onChanges: (batch) => changes.push(...batch.map((change) => ({ ...change, atMs: time.nowMs }))),
    ...options,
  });
  return { time, runner, engine: engine as SimulatedEngine, changes };
}

export function entry(port: number, overrides: Partial<ProbedCheck> = {}): CheckEntry {
  const one = check({ spec: tcpCheck(connectTo(port)), ...overrides });
  return { key: checkKey(one), check: one };
}
