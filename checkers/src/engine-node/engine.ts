import { performance } from "node:perf_hooks";
import type { OnProbeResults, ProbeEngine, ProbeRequest, ProbeResult } from "../engine.ts";
import { type Findings, together, type Verdict } from "../verdict.ts";
import { type NodeEngineOptions, type Step, steps } from "./steps.ts";

/** Probes over node:net sockets. Results of one turn of the event loop are reported together. */
export class NodeProbeEngine implements ProbeEngine {
  readonly #onResults: OnProbeResults;
  readonly #options: NodeEngineOptions;
  /** How to end each run under way. */
  readonly #runs = new Map<number, () => void>();
  #results: ProbeResult[] = [];
  #flush: NodeJS.Immediate | null = null;

  constructor(onResults: OnProbeResults, options: NodeEngineOptions) {
    this.#onResults = onResults;
    this.#options = options;
  }

  start(batch: readonly ProbeRequest[]): void {
    for (const request of batch) {
      this.#step(request, steps(request.spec, this.#options), performance.now(), {});
    }
  }

  cancel(ids: readonly number[]): void {
    for (const id of ids) {
      this.#runs.get(id)?.();
      this.#runs.delete(id);
    }
    const cancelled = new Set(ids);
    this.#results = this.#results.filter(({ id }) => !cancelled.has(id));
  }

  close(): void {
    this.cancel([...this.#runs.keys()]);
    this.#results = [];
    if (this.#flush) clearImmediate(this.#flush);
  }

  /** The exchanges of a run one after another, until one fails. */
  #step(request: ProbeRequest, remaining: Iterator<Step>, startedMs: number, findings: Findings): void {
    const next = remaining.next();
    if (next.done) {
      this.#report(request.id, { ok: true, latencyMs: elapsedMs(startedMs), ...findings });
      return;
    }
    const { url, start, place } = next.value;
    this.#options.trace?.({ kind: "started", url, address: place.address, port: place.port });
    const end = start(request.timeoutMs, (ending) => {
      if (ending.ok) this.#step(request, remaining, startedMs, together(findings, ending.findings));
      else this.#report(request.id, { ok: false, latencyMs: elapsedMs(startedMs), reason: ending.reason, url });
    });
    this.#runs.set(request.id, end);
  }

  #report(id: number, verdict: Verdict): void {
    this.#runs.delete(id);
    this.#results.push({ id, verdict });
    this.#flush ??= setImmediate(() => {
      this.#flush = null;
      const results = this.#results;
      this.#results = [];
      if (results.length > 0) this.#onResults(results);
    });
  }
}

/** To a hundredth of a millisecond. */
function elapsedMs(startedMs: number): number {
  return Math.round((performance.now() - startedMs) * 100) / 100;
}
