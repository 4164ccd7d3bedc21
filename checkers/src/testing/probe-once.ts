import { setTimeout as sleep } from "node:timers/promises";
import type { ProbeSpec } from "../check.ts";
import type { OnProbeResults, ProbeEngine, ProbeResult } from "../engine.ts";
import type { Verdict } from "../verdict.ts";

export type CreateEngine = (onResults: OnProbeResults) => ProbeEngine;

/** An engine under test and what it reported. */
export class EngineUnderTest {
  readonly engine: ProbeEngine;
  readonly results: ProbeResult[] = [];
  /** How many results came with each call. */
  readonly batches: number[] = [];
  #nextId = 1;
  #wake: () => void = () => {};

  constructor(create: CreateEngine) {
    this.engine = create((results) => {
      this.results.push(...results);
      this.batches.push(results.length);
      this.#wake();
    });
  }

  /** Starts all in one batch; the ids. */
  start(specs: readonly ProbeSpec[], timeoutMs: number): number[] {
    const batch = specs.map((spec) => ({ id: this.#nextId++, spec, timeoutMs }));
    this.engine.start(batch);
    return batch.map(({ id }) => id);
  }

  /** Verdicts in the order of the specs. Fails when one has more than one result, or none in time. */
  async run(specs: readonly ProbeSpec[], timeoutMs: number): Promise<Verdict[]> {
    const ids = this.start(specs, timeoutMs);
    const giveUpMs = performance.now() + 60_000;
    const own = () => this.results.filter(({ id }) => ids.includes(id));
    while (own().length < ids.length) {
      if (performance.now() > giveUpMs) throw new Error(`only ${own().length} of ${ids.length} probes ended`);
      await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), sleep(100)]);
    }
    // A second result would come with the next turns of the event loop.
    await sleep(0);
    const results = new Map(own().map(({ id, verdict }) => [id, verdict]));
    if (own().length !== ids.length || results.size !== ids.length) throw new Error("a probe ended more than once");
    return ids.map((id) => results.get(id) as Verdict);
  }
}

/** Waits until the condition holds. */
export async function until(condition: () => boolean, withinMs = 120_000): Promise<void> {
  const giveUpMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > giveUpMs) throw new Error(`${condition} did not come true within ${withinMs} ms`);
    await sleep(10);
  }
}
