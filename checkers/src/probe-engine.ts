import { type Native, native } from "ipvs-netlink";
import type { OnProbePasses, OnProbeResults, ProbeEngine, ProbeRequest, Repeats } from "./engine.ts";
import { BatchProbeEngine, type BatchRequest, isRepeatable, runsInBatches } from "./engine-batch/engine.ts";
import type { NativeConnect } from "./engine-node/connect.ts";
import { NodeProbeEngine } from "./engine-node/engine.ts";
import { connectNatively } from "./engine-node/native-connect.ts";
import { defaultLimits, type ResponseLimits } from "./http/parser.ts";
import { type RunScript, runsNoScripts } from "./misc/judge-script.ts";
import type { Trace } from "./trace.ts";

export interface ProbeEngineOptions {
  /** How sockets with bind_if or fwmark are connected; by default through ipvs-netlink's addon. */
  readonly nativeConnect?: NativeConnect;
  readonly limits?: ResponseLimits;
  /** Runs the scripts of MISC_CHECK; without it they fail. */
  readonly runScript?: RunScript;
  /**
   * The addon that runs TCP_CHECK, HTTP_GET and most SSL_GET many at a time; null leaves them to Node's sockets. By default it is loaded with the
   * first of them, and where it has not been built Node's sockets do it.
   */
  readonly addon?: Native | null;
  /** Told of checks that the engine repeats by itself; without it, it repeats none. */
  readonly onPasses?: OnProbePasses;
}

/** An engine for every type of check. Results come in batches through `onResults`. */
export function createProbeEngine(onResults: OnProbeResults, options: ProbeEngineOptions = {}): ProbeEngine {
  const { nativeConnect = connectNatively, limits = defaultLimits, runScript = runsNoScripts } = options;
  const { onPasses } = options;
  const createBatch = () => {
    const addon = options.addon === undefined ? loadedAddon() : options.addon;
    return addon && new BatchProbeEngine(onResults, { native: addon, limits, onPasses });
  };
  const node = new NodeProbeEngine(onResults, { nativeConnect, limits, runScript });
  return new SplitProbeEngine(createBatch, node, onPasses !== undefined);
}

/** An engine that tells every step, for one check at a time: it runs on Node's sockets, which can tell more than batches. */
export function createTracedEngine(
  onResults: OnProbeResults,
  trace: Trace,
  { nativeConnect = connectNatively, limits = defaultLimits, runScript = runsNoScripts }: ProbeEngineOptions = {},
): ProbeEngine {
  return new NodeProbeEngine(onResults, { nativeConnect, limits, runScript, trace });
}

/** Gives each probe to the engine that runs it. */
class SplitProbeEngine implements ProbeEngine {
  readonly #createBatch: () => BatchProbeEngine | null;
  readonly #node: NodeProbeEngine;
  #batch: BatchProbeEngine | null | undefined;
  readonly repeats?: Repeats;

  constructor(createBatch: () => BatchProbeEngine | null, node: NodeProbeEngine, repeats: boolean) {
    this.#createBatch = createBatch;
    this.#node = node;
    if (!repeats) return;
    this.repeats = {
      // What passed has been started, and with it the batches.
      can: (spec) => this.#batch != null && isRepeatable(spec),
      start: (batch, nowMs) => this.#batch?.repeat(batch, nowMs),
      expedite: (ids) => this.#batch?.expedite(ids),
      readLateness: () => this.#batch?.readLateness() ?? { runs: 0, maxMs: 0, meanMs: 0 },
    };
  }

  start(batch: readonly ProbeRequest[]): void {
    const inBatches: BatchRequest[] = [];
    const others: ProbeRequest[] = [];
    for (const request of batch) {
      if (runsInBatches(request) && this.#batches(request)) inBatches.push(request);
      else others.push(request);
    }
    if (inBatches.length > 0) this.#batch?.start(inBatches);
    if (others.length > 0) this.#node.start(others);
  }

  /** Whether there are batches that can do this. */
  #batches({ spec }: BatchRequest): boolean {
    if (this.#batch === undefined) this.#batch = this.#createBatch();
    return this.#batch !== null && (spec.type !== "SSL_GET" || this.#batch.hasTls);
  }

  cancel(ids: readonly number[]): void {
    this.#batch?.cancel(ids);
    this.#node.cancel(ids);
  }

  close(): void {
    this.#batch?.close();
    this.#node.close();
  }
}

function loadedAddon(): Native | null {
  try {
    return native();
  } catch {
    return null;
  }
}
