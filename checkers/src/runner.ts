import type { Check, ProbedCheck } from "./check.ts";
import type {
  OnProbePasses,
  OnProbeResults,
  ProbeEngine,
  ProbePass,
  ProbeRequest,
  ProbeResult,
  RepeatRequest,
} from "./engine.ts";
import { concurrencyWithinLimits } from "./engine-node/descriptor-limit.ts";
import type { CheckState, Instant } from "./health.ts";
import { type Lateness, Schedule } from "./schedule.ts";
import { togetherMs } from "./together.ts";
import { applyVerdict, passedAgain, type Transition, unknownState } from "./updown.ts";

/** A check to run, by its identity (`checkKey`). A seed is what a predecessor knew of it. */
export interface CheckEntry {
  readonly key: string;
  readonly check: ProbedCheck;
  readonly seed?: CheckState;
}

/** One result. `transition` is null when health stayed. */
export interface CheckChange {
  readonly key: string;
  readonly check: Check;
  readonly state: CheckState;
  readonly transition: Transition | null;
}

/** A check that goes on passing has passed. */
export interface CheckPass {
  readonly key: string;
  readonly check: Check;
  readonly latencyMs: number;
  readonly checkedEpochMs: number;
}

/** Calls back once after `delayMs`; the returned function cancels. */
export type SetTimer = (callback: () => void, delayMs: number) => () => void;

export interface CheckRunnerOptions {
  /** Makes the engine, which reports to the callback it is given (`createProbeEngine`). */
  readonly createEngine: (onResults: OnProbeResults, onPasses: OnProbePasses) => ProbeEngine;
  readonly now: () => Instant;
  /** Uniform in [0, 1): spreads the first runs. */
  readonly random: () => number;
  /** Every result, in batches; but of checks that go on passing, which change nothing, those that the engine repeats by itself. */
  readonly onChanges: (changes: readonly CheckChange[]) => void;
  /** Those, about once a second. */
  readonly onPasses?: (passes: readonly CheckPass[]) => void;
  /** Runs under way at once; by default as many as the limit of open files allows. */
  readonly maxConcurrency?: number;
  readonly setTimer?: SetTimer;
}

interface Running {
  check: ProbedCheck;
  state: CheckState;
  /** Id of the run under way, or of those that the engine repeats. */
  runId: number | null;
  /** The engine repeats it; the schedule does not know it. */
  repeated: boolean;
  /** Its last pass, where that is later than its state: numbers that change cost less than a state for each pass. */
  passMs: number;
  passEpochMs: number;
}

/** Runs checks when they are due and keeps their states. Owns the only timer; what is due and what a verdict means is decided elsewhere. */
export class CheckRunner {
  readonly #options: CheckRunnerOptions;
  readonly #engine: ProbeEngine;
  readonly #schedule: Schedule;
  readonly #setTimer: SetTimer;
  readonly #checks = new Map<string, Running>();
  readonly #keyOfRun = new Map<number, string>();
  #nextRunId = 1;
  #armedMs: number | null = null;
  #cancelTimer: () => void = () => {};
  #stopped = false;

  constructor(options: CheckRunnerOptions) {
    this.#options = options;
    this.#schedule = new Schedule({ maxConcurrency: options.maxConcurrency ?? concurrencyWithinLimits() });
    this.#setTimer = options.setTimer ?? nodeTimer;
    this.#engine = options.createEngine(
      (results) => this.#onResults(results),
      (passes) => this.#onPasses(passes),
    );
  }

  /**
   * Replaces the whole list. Checks whose key was there before keep state and rhythm, those that left are cancelled. New
   * ones first run at a random moment within their warm-up, seeded ones within one delay_loop, as if in mid-cycle.
   * A key given twice is one check: alpha only if all ask for it, all failures logged if one does.
   */
  configure(entries: readonly CheckEntry[]): void {
    if (this.#stopped) return;
    const wanted = uniqueByKey(entries);
    const cancelled: number[] = [];
    for (const [key, { runId }] of this.#checks) {
      if (wanted.has(key)) continue;
      this.#checks.delete(key);
      this.#schedule.remove(key);
      if (runId !== null) cancelled.push(runId);
    }
    for (const id of cancelled) this.#keyOfRun.delete(id);
    if (cancelled.length > 0) this.#engine.cancel(cancelled);

    const now = this.#options.now();
    for (const [key, { check, seed }] of wanted) {
      const known = this.#checks.get(key);
      if (known) known.check = check;
      else {
        const { delayLoopMs, warmupMs } = check.timing;
        const dueMs = now.monotonicMs + this.#options.random() * (seed ? delayLoopMs : warmupMs);
        this.#checks.set(key, {
          check,
          state: seed ?? unknownState(now),
          runId: null,
          repeated: false,
          passMs: 0,
          passEpochMs: 0,
        });
        this.#schedule.add(key, togetherMs(dueMs, delayLoopMs));
      }
    }
    this.#arm(now.monotonicMs);
  }

  states(): ReadonlyMap<string, CheckState> {
    return new Map([...this.#checks].map(([key, running]) => [key, stateOf(running)]));
  }

  state(key: string): CheckState | null {
    const running = this.#checks.get(key);
    return running ? stateOf(running) : null;
  }

  /** Starts these checks now instead of when they are due; a run under way is left to finish. */
  runNow(keys: Iterable<string>): void {
    const { monotonicMs } = this.#options.now();
    const repeated: number[] = [];
    for (const key of keys) {
      const running = this.#checks.get(key);
      if (running?.repeated && running.runId !== null) repeated.push(running.runId);
      else this.#schedule.expedite(key, monotonicMs);
    }
    this.#engine.repeats?.expedite(repeated);
    this.#startDue(monotonicMs);
  }

  /** How late runs were started since the last call: high values mean too little CPU or too low a `maxConcurrency`. */
  readLateness(): Lateness {
    const own = this.#schedule.readLateness();
    const repeated = this.#stopped ? undefined : this.#engine.repeats?.readLateness();
    return repeated === undefined ? own : together(own, repeated);
  }

  /** Cancels everything and closes the engine; no callback comes after it. */
  stop(): void {
    if (this.#stopped) return;
    this.configure([]);
    this.#stopped = true;
    this.#engine.close();
  }

  #onResults(results: readonly ProbeResult[]): void {
    const now = this.#options.now();
    const changes: CheckChange[] = [];
    const repeats: RepeatRequest[] = [];
    for (const { id, verdict } of results) {
      const key = this.#keyOfRun.get(id);
      const running = key === undefined ? undefined : this.#checks.get(key);
      if (key === undefined || running === undefined) continue;
      const { state, transition, nextRunMs } = applyVerdict(running.state, running.check, verdict, now);
      running.state = state;
      if (this.#goesOn(running.check, state, nextRunMs)) {
        const { spec, timing } = running.check;
        repeats.push({ id, spec, timeoutMs: timing.connectTimeoutMs, everyMs: nextRunMs });
        running.repeated = true;
        running.passEpochMs = 0;
        this.#schedule.remove(key);
      } else {
        this.#keyOfRun.delete(id);
        running.runId = null;
        const nextMs = togetherMs(now.monotonicMs + nextRunMs, nextRunMs);
        if (running.repeated) this.#schedule.add(key, nextMs);
        else this.#schedule.finish(key, nextMs);
        running.repeated = false;
      }
      changes.push({ key, check: running.check, state, transition });
    }
    if (repeats.length > 0) this.#engine.repeats?.start(repeats, now.monotonicMs);
    this.#startDue(now.monotonicMs);
    if (changes.length > 0) this.#options.onChanges(changes);
  }

  /** Whether nothing would come of its runs but that it passed, until one fails. */
  #goesOn({ spec, timing }: ProbedCheck, { health, verdict }: CheckState, nextRunMs: number): boolean {
    const steady = health === "up" && verdict?.ok === true && nextRunMs === timing.delayLoopMs && nextRunMs > 0;
    return steady && this.#engine.repeats?.can(spec) === true;
  }

  #onPasses(passes: readonly ProbePass[]): void {
    const { epochMs } = this.#options.now();
    const told: CheckPass[] = [];
    for (const { id, latencyMs, ageMs } of passes) {
      const key = this.#keyOfRun.get(id);
      const running = key === undefined ? undefined : this.#checks.get(key);
      if (key === undefined || running === undefined) continue;
      running.passMs = latencyMs;
      running.passEpochMs = epochMs - ageMs;
      told.push({ key, check: running.check, latencyMs, checkedEpochMs: running.passEpochMs });
    }
    if (told.length > 0) this.#options.onPasses?.(told);
  }

  #startDue(nowMs: number): void {
    const batch: ProbeRequest[] = [];
    for (const key of this.#schedule.takeDue(nowMs)) {
      const running = this.#checks.get(key) as Running;
      const id = this.#nextRunId++;
      running.runId = id;
      this.#keyOfRun.set(id, key);
      batch.push({ id, spec: running.check.spec, timeoutMs: running.check.timing.connectTimeoutMs });
    }
    if (batch.length > 0) this.#engine.start(batch);
    this.#arm(nowMs);
  }

  #arm(nowMs: number): void {
    const wakeMs = this.#schedule.nextWakeMs();
    if (wakeMs === this.#armedMs) return;
    this.#cancelTimer();
    this.#armedMs = wakeMs;
    this.#cancelTimer = wakeMs === null ? () => {} : this.#setTimer(() => this.#onTimer(), Math.max(0, wakeMs - nowMs));
  }

  #onTimer(): void {
    this.#armedMs = null;
    this.#startDue(this.#options.now().monotonicMs);
  }
}

function stateOf({ state, repeated, passMs, passEpochMs }: Running): CheckState {
  return repeated && passEpochMs > 0 ? passedAgain(state, { latencyMs: passMs, checkedEpochMs: passEpochMs }) : state;
}

function together(a: Lateness, b: Lateness): Lateness {
  const runs = a.runs + b.runs;
  const sumMs = a.runs * a.meanMs + b.runs * b.meanMs;
  return { runs, maxMs: Math.max(a.maxMs, b.maxMs), meanMs: runs === 0 ? 0 : sumMs / runs };
}

function uniqueByKey(entries: readonly CheckEntry[]): Map<string, CheckEntry> {
  const unique = new Map<string, CheckEntry>();
  for (const entry of entries) {
    const other = unique.get(entry.key);
    unique.set(entry.key, other ? merged(other, entry) : entry);
  }
  return unique;
}

function merged(a: CheckEntry, b: CheckEntry): CheckEntry {
  const alpha = a.check.alpha && b.check.alpha;
  const logAllFailures = a.check.logAllFailures || b.check.logAllFailures;
  return { ...b, ...a, check: { ...a.check, alpha, logAllFailures } };
}

const nodeTimer: SetTimer = (callback, delayMs) => {
  // setTimeout drops fractions and counts from the start of a millisecond, so it could fire just before the moment.
  const timer = setTimeout(callback, Math.ceil(delayMs) + 1);
  return () => clearTimeout(timer);
};
