import { performance } from "node:perf_hooks";
import type { CheckSpec, ConnectOptions } from "../check.ts";
import type { OnProbeResults, ProbeEngine, ProbeRequest, ProbeResult } from "../engine.ts";
import { HttpExchange } from "../http/exchange.ts";
import type { ResponseLimits } from "../http/parser.ts";
import { buildRequest } from "../http/request.ts";
import type { Verdict } from "../verdict.ts";
import type { NativeConnect } from "./connect.ts";
import { type Dialogue, startExchange } from "./exchange.ts";

export interface NodeEngineOptions {
  readonly nativeConnect: NativeConnect;
  readonly limits: ResponseLimits;
}

/** One exchange of a run; `url` says which one failed. */
interface Step {
  readonly url: string | null;
  readonly dialogue: Dialogue;
}

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
      this.#step(request, steps(request.spec, this.#options.limits), performance.now());
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
  #step(request: ProbeRequest, remaining: Iterator<Step>, startedMs: number): void {
    const next = remaining.next();
    if (next.done) {
      this.#report(request.id, { ok: true, latencyMs: elapsedMs(startedMs) });
      return;
    }
    const { url, dialogue } = next.value;
    const end = startExchange(
      {
        connect: request.spec.connect,
        timeoutMs: request.timeoutMs,
        dialogue,
        nativeConnect: this.#options.nativeConnect,
      },
      (reason) => {
        if (reason) this.#report(request.id, { ok: false, latencyMs: elapsedMs(startedMs), reason, url });
        else this.#step(request, remaining, startedMs);
      },
    );
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

/** Made one at a time, so that the digest of a later url costs nothing if an earlier one fails. */
function* steps(spec: CheckSpec, limits: ResponseLimits): Iterator<Step> {
  const { connect } = spec;
  if (spec.type === "TCP_CHECK") {
    yield { url: null, dialogue: connectOnly };
    return;
  }
  for (const url of spec.urls) {
    const exchange = new HttpExchange(url, limits);
    const request = buildRequest({ ...url, ...endpoint(connect) }, spec.httpProtocol);
    yield {
      url: url.path,
      dialogue: {
        request,
        get phase() {
          return exchange.phase;
        },
        push: (bytes) => exchange.push(bytes),
        end: () => exchange.end(),
      },
    };
  }
}

/** A connection is all that TCP_CHECK asks for. */
const connectOnly: Dialogue = {
  request: null,
  phase: "connect",
  push: () => ({ ok: true }),
  end: () => ({ ok: true }),
};

function endpoint({ address, port }: ConnectOptions): { address: string; port: number } {
  return { address, port };
}

/** To a hundredth of a millisecond. */
function elapsedMs(startedMs: number): number {
  return Math.round((performance.now() - startedMs) * 100) / 100;
}
