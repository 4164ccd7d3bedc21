import type { Native } from "ipvs-netlink";
import type { ProbeSpec, TlsOptions, TlsUrl, Url } from "../check.ts";
import type { Dialogue } from "../dialogue.ts";
import type {
  OnProbePasses,
  OnProbeResults,
  ProbeEngine,
  ProbeRequest,
  ProbeResult,
  RepeatRequest,
} from "../engine.ts";
import { concurrencyWithinLimits } from "../engine-node/descriptor-limit.ts";
import { reasonOf } from "../engine-node/errors.ts";
import { httpDialogue } from "../http/dialogue.ts";
import type { ResponseLimits } from "../http/parser.ts";
import { buildRequest } from "../http/request.ts";
import type { Lateness } from "../schedule.ts";
import { type Findings, type Reason, together, type Verdict } from "../verdict.ts";
import { type ExchangeStart, Exchanges, type Happening } from "./exchanges.ts";
import { type Planned, planExchange } from "./plan.ts";

type BatchSpec = Extract<ProbeSpec, { readonly type: "TCP_CHECK" | "HTTP_GET" | "SSL_GET" }>;

/**
 * A request that this engine runs. An address with a zone is left to Node, which looks up its interface, and so is TLS with files or
 * verification.
 */
export type BatchRequest = ProbeRequest & { readonly spec: BatchSpec };

export function runsInBatches(request: ProbeRequest): request is BatchRequest {
  return isBatchSpec(request.spec);
}

function isBatchSpec(spec: ProbeSpec): boolean {
  const { type, connect } = spec;
  const zoned = connect.address.includes("%") || connect.bindto?.includes("%");
  return (type === "TCP_CHECK" || type === "HTTP_GET" || (type === "SSL_GET" && isPlain(spec.tls))) && !zoned;
}

interface Run {
  readonly id: number;
  readonly spec: BatchSpec;
  readonly timeoutMs: number;
  readonly plans: readonly Planned[];
  /** Which of the urls is asked. */
  step: number;
  /** The exchange is over: what else happened with it does not count. */
  between: boolean;
  /** Null: the connection is all that is wanted. */
  dialogue: Dialogue | null;
  /** Of the exchanges that are over. */
  elapsedMs: number;
  findings: Findings | null;
}

function isPlain({ ca, certificate, key, verify }: TlsOptions): boolean {
  return ca === null && certificate === null && key === null && !verify;
}

export interface BatchEngineOptions {
  readonly native: Native;
  readonly limits: ResponseLimits;
  /** Told of checks that are repeated; absent: none is. */
  readonly onPasses?: OnProbePasses | undefined;
}

/** A connection is all that decides: what answers is judged in JavaScript, and repeated by it. */
export function isRepeatable(spec: ProbeSpec): boolean {
  return spec.type === "TCP_CHECK" && isBatchSpec(spec);
}

/**
 * Probes of TCP_CHECK and HTTP_GET by the addon: system calls in C, parsing and verdicts here, where Node's sockets have
 * them too. Results of one wake-up are reported together.
 */
export class BatchProbeEngine implements ProbeEngine {
  readonly #onResults: OnProbeResults;
  readonly #limits: ResponseLimits;
  readonly #exchanges: Exchanges;
  /** Runs under way by slot, and the slots in between. */
  readonly #runs: (Run | null)[] = [];
  readonly #free: number[] = [];
  readonly #slotOf = new Map<number, number>();
  #results: ProbeResult[] = [];
  /** Runs whose next url is to be asked, by slot. */
  #next: number[] = [];
  #report: NodeJS.Immediate | null = null;
  #closed = false;
  #mayRepeat = false;
  #hasTls: boolean | null = null;

  constructor(onResults: OnProbeResults, { native, limits, onPasses = () => {} }: BatchEngineOptions) {
    this.#onResults = onResults;
    this.#limits = limits;
    this.#exchanges = new Exchanges(native, {
      happened: (slot, happening) => this.#happened(slot, happening),
      settled: () => this.#settled(),
      passed: (passes) =>
        onPasses(
          passes.flatMap(({ slot, latencyMs, ageMs }) => {
            const run = this.#runs[slot];
            return run ? [{ id: run.id, latencyMs: roundedMs(latencyMs), ageMs }] : [];
          }),
        ),
    });
  }

  start(batch: readonly BatchRequest[]): void {
    const starts: ExchangeStart[] = [];
    for (const request of batch) {
      const run = newRun(request);
      this.#prepare(this.#admit(run), run, starts);
    }
    this.#exchanges.start(starts);
    if (this.#results.length > 0) this.#report ??= setImmediate(() => this.#flush());
  }

  /** Of connections that stood the last time: see `Repeats`. */
  repeat(batch: readonly RepeatRequest[], nowMs: number): void {
    if (!this.#mayRepeat) this.#exchanges.prepareRepeats(concurrencyWithinLimits(), nowMs);
    this.#mayRepeat = true;
    const starts: ExchangeStart[] = [];
    for (const request of batch) {
      const run = newRun(request as RepeatRequest & BatchRequest);
      const slot = this.#admit(run);
      this.#prepare(slot, run, starts, request.everyMs);
    }
    this.#exchanges.start(starts);
  }

  expedite(ids: readonly number[]): void {
    this.#exchanges.expedite(ids.flatMap((id) => this.#slotOf.get(id) ?? []));
  }

  readLateness(): Lateness {
    return this.#exchanges.readLateness();
  }

  /** Whether it can do TLS. */
  get hasTls(): boolean {
    this.#hasTls ??= this.#exchanges.prepareTls();
    return this.#hasTls;
  }

  cancel(ids: readonly number[]): void {
    const slots: number[] = [];
    for (const id of ids) {
      const slot = this.#slotOf.get(id);
      if (slot === undefined) continue;
      slots.push(slot);
      this.#forget(slot, id);
    }
    this.#exchanges.end(slots);
    const cancelled = new Set(ids);
    this.#results = this.#results.filter(({ id }) => !cancelled.has(id));
  }

  close(): void {
    this.#closed = true;
    this.#results = [];
    if (this.#report !== null) clearImmediate(this.#report);
    this.#exchanges.close();
  }

  #admit(run: Run): number {
    const slot = this.#free.pop() ?? this.#runs.length;
    this.#runs[slot] = run;
    this.#slotOf.set(run.id, slot);
    return slot;
  }

  /** The exchange that the run has come to, or its end where there is none to begin. */
  #prepare(slot: number, run: Run, starts: ExchangeStart[], everyMs = 0): void {
    const planned = run.plans[run.step];
    if (planned === undefined) this.#pass(slot, run);
    else if (!planned.ok) this.#fail(slot, run, planned.reason);
    else {
      const { spec } = run;
      run.between = false;
      run.dialogue = spec.type === "TCP_CHECK" ? null : httpDialogue(spec.urls[run.step] as Url, spec, this.#limits);
      starts.push({ slot, plan: planned.plan, timeoutMs: run.timeoutMs, everyMs });
    }
  }

  #happened(slot: number, happening: Happening): boolean {
    const run = this.#runs[slot];
    if (!run || run.between) return false;
    const { dialogue } = run;
    switch (happening.kind) {
      case "connected":
        return this.#conclude(slot, run, { ok: true }, happening);
      case "data":
        return this.#conclude(slot, run, outcome(dialogue?.push(happening.bytes)), happening);
      case "secured":
        run.findings = together(run.findings ?? {}, { certificateExpiryEpochMs: happening.expiryEpochMs });
        return false;
      case "end": {
        const closed: Reason = { kind: "closed", phase: "tls" };
        const judged = happening.handshake ? { ok: false as const, reason: closed } : outcome(dialogue?.end());
        return this.#conclude(slot, run, judged, happening);
      }
      case "tls_failed":
        return this.#conclude(slot, run, { ok: false, reason: { kind: "tls", detail: happening.detail } }, happening);
      case "failed": {
        const { errno: code, call: syscall, elapsedMs } = happening;
        const stood = syscall === "send" || syscall === "read";
        const phase = syscall === "handshake" ? "tls" : (stood && dialogue?.phase) || "connect";
        const reason = reasonOf({ code, syscall }, phase, elapsedMs);
        return this.#conclude(slot, run, { ok: false, reason }, happening);
      }
      case "deadline": {
        const { reached } = happening;
        const phase = reached === "handshake" ? "tls" : (reached === "connection" && dialogue?.phase) || "connect";
        const reason: Reason = { kind: "deadline", phase, afterMs: run.timeoutMs };
        return this.#conclude(slot, run, { ok: false, reason }, happening);
      }
    }
  }

  /** True when the exchange is over. */
  #conclude(slot: number, run: Run, judged: Judged | null, { elapsedMs }: Happening): boolean {
    if (judged === null) return false;
    run.between = true;
    run.elapsedMs += elapsedMs;
    run.step += judged.ok ? 1 : 0;
    if (judged.ok && judged.findings !== undefined) run.findings = together(run.findings ?? {}, judged.findings);
    if (!judged.ok) this.#fail(slot, run, judged.reason);
    else if (run.step < run.plans.length) this.#next.push(slot);
    else this.#pass(slot, run);
    return true;
  }

  #settled(): void {
    const next = this.#next;
    this.#next = [];
    if (next.length > 0) {
      const starts: ExchangeStart[] = [];
      for (const slot of next) this.#prepare(slot, this.#runs[slot] as Run, starts);
      this.#exchanges.start(starts);
    }
    this.#flush();
  }

  #pass(slot: number, run: Run): void {
    this.#end(slot, run, { ok: true, latencyMs: roundedMs(run.elapsedMs), ...run.findings });
  }

  #fail(slot: number, run: Run, reason: Reason): void {
    const url = run.spec.type === "TCP_CHECK" ? null : (run.spec.urls[run.step]?.path ?? null);
    this.#end(slot, run, { ok: false, latencyMs: roundedMs(run.elapsedMs), reason, url });
  }

  #end(slot: number, run: Run, verdict: Verdict): void {
    this.#forget(slot, run.id);
    this.#results.push({ id: run.id, verdict });
  }

  #forget(slot: number, id: number): void {
    this.#runs[slot] = null;
    this.#slotOf.delete(id);
    this.#free.push(slot);
  }

  #flush(): void {
    if (this.#report !== null) clearImmediate(this.#report);
    this.#report = null;
    const results = this.#results;
    this.#results = [];
    if (results.length > 0 && !this.#closed) this.#onResults(results);
  }
}

function newRun({ id, spec, timeoutMs }: BatchRequest): Run {
  return {
    id,
    spec,
    timeoutMs,
    plans: plansOf(spec),
    step: 0,
    between: true,
    dialogue: null,
    elapsedMs: 0,
    findings: null,
  };
}

type Judged = { readonly ok: true; readonly findings?: Findings } | { readonly ok: false; readonly reason: Reason };

function outcome(step: ReturnType<Dialogue["push"]> | undefined): Judged | null {
  return step && "ok" in step ? step : null;
}

/** Worked out once per check: the spec of a check stays the same object. */
const planned = new WeakMap<BatchSpec, readonly Planned[]>();

function plansOf(spec: BatchSpec): readonly Planned[] {
  let plans = planned.get(spec);
  if (plans === undefined) {
    plans = spec.type === "TCP_CHECK" ? [planExchange(spec.connect, "")] : spec.urls.map((url) => planUrl(url, spec));
    planned.set(spec, plans);
  }
  return plans;
}

function planUrl(url: Url | TlsUrl, spec: Extract<BatchSpec, { type: "HTTP_GET" | "SSL_GET" }>): Planned {
  const { path, virtualhost } = url;
  const { address, port } = spec.connect;
  const request = buildRequest({ path, virtualhost, address, port }, spec.httpProtocol);
  const tls = "serverName" in url ? { serverName: url.serverName, compliant: url.tlsCompliant } : null;
  return planExchange(spec.connect, request, tls);
}

/** To a hundredth of a millisecond. */
function roundedMs(ms: number): number {
  return Math.round(ms * 100) / 100;
}
