import { hostname } from "node:os";
import { performance } from "node:perf_hooks";
import type { CheckSpec, ConnectOptions, TlsOptions, TlsUrl } from "../check.ts";
import type { Dialogue } from "../dialogue.ts";
import type { OnProbeResults, ProbeEngine, ProbeRequest, ProbeResult } from "../engine.ts";
import { httpDialogue } from "../http/dialogue.ts";
import type { ResponseLimits } from "../http/parser.ts";
import type { RunScript } from "../misc/judge-script.ts";
import { SmtpConversation } from "../smtp/conversation.ts";
import type { Findings, Verdict } from "../verdict.ts";
import type { NativeConnect } from "./connect.ts";
import { type DatagramDialogue, startDatagramExchange } from "./datagram.ts";
import { dnsDialogue, pingDialogue, udpDialogue } from "./datagram-dialogues.ts";
import { type Ending, startExchange } from "./exchange.ts";
import { startScriptCheck } from "./script-check.ts";
import type { TlsSettings } from "./tls-client.ts";

export interface NodeEngineOptions {
  readonly nativeConnect: NativeConnect;
  readonly limits: ResponseLimits;
  readonly runScript: RunScript;
}

/** One exchange of a run; `url` says which one failed. `start` returns how to end it, and never calls `done` from within. */
interface Step {
  readonly url: string | null;
  readonly start: (timeoutMs: number, done: (ending: Ending) => void) => () => void;
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
    const { url, start } = next.value;
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

/** Of several exchanges the first certificate to expire is the one to know. */
function together(a: Findings, b: Findings): Findings {
  const [one, other] = [a.certificateExpiryEpochMs, b.certificateExpiryEpochMs];
  return one === undefined || (other !== undefined && other < one) ? { ...a, ...b } : { ...b, ...a };
}

/** Made one at a time, so that the digest of a later url costs nothing if an earlier one fails. */
function* steps(spec: CheckSpec, options: NodeEngineOptions): Iterator<Step> {
  switch (spec.type) {
    case "TCP_CHECK":
      yield streamStep(null, spec.connect, null, connectOnly, options);
      return;
    case "HTTP_GET":
      for (const url of spec.urls) {
        yield streamStep(url.path, spec.connect, null, httpDialogue(url, spec, options.limits), options);
      }
      return;
    case "SSL_GET":
      for (const url of spec.urls) {
        const dialogue = httpDialogue(url, spec, options.limits);
        yield streamStep(url.path, spec.connect, tlsSettings(url, spec.tls), dialogue, options);
      }
      return;
    case "SMTP_CHECK": {
      const heloName = spec.heloName ?? hostname();
      for (const host of [spec.connect, ...spec.further]) {
        const place = spec.further.length === 0 ? null : `${host.address} port ${host.port}`;
        yield streamStep(place, host, null, smtpDialogue(heloName), options);
      }
      return;
    }
    case "DNS_CHECK":
      yield datagramStep(spec.connect, dnsDialogue(spec.name, spec.queryType));
      return;
    case "PING_CHECK":
      yield datagramStep(spec.connect, pingDialogue(spec.connect.address.includes(":") ? "inet6" : "inet"));
      return;
    case "UDP_CHECK":
      yield datagramStep(spec.connect, udpDialogue(spec.payload, spec.reply));
      return;
    case "MISC_CHECK": {
      const { script, dynamic } = spec;
      const { runScript } = options;
      yield {
        url: null,
        start: (timeoutMs, done) => startScriptCheck({ script, dynamic, timeoutMs, runScript }, done),
      };
      return;
    }
  }
}

function datagramStep(connect: ConnectOptions, dialogue: DatagramDialogue): Step {
  return { url: null, start: (timeoutMs, done) => startDatagramExchange({ connect, timeoutMs, dialogue }, done) };
}

function streamStep(
  url: string | null,
  connect: ConnectOptions,
  tls: TlsSettings | null,
  dialogue: Dialogue,
  { nativeConnect }: NodeEngineOptions,
): Step {
  return { url, start: (timeoutMs, done) => startExchange({ connect, tls, timeoutMs, dialogue, nativeConnect }, done) };
}

/** A connection is all that TCP_CHECK asks for. */
const connectOnly: Dialogue = {
  phase: "connect",
  connected: () => ({ ok: true }),
  push: () => ({ ok: true }),
  end: () => ({ ok: true }),
};

function smtpDialogue(heloName: string): Dialogue {
  const conversation = new SmtpConversation(heloName);
  return {
    get phase() {
      return conversation.phase;
    },
    connected: () => null,
    push: (bytes) => conversation.push(bytes),
    end: () => conversation.end(),
  };
}

function tlsSettings({ serverName, virtualhost, tlsCompliant }: TlsUrl, options: TlsOptions): TlsSettings {
  return { options, serverName, hostName: serverName ?? withoutPort(virtualhost), compliant: tlsCompliant };
}

function withoutPort(virtualhost: string | null): string | null {
  return virtualhost === null ? null : virtualhost.replace(/:[0-9]+$/, "");
}

/** To a hundredth of a millisecond. */
function elapsedMs(startedMs: number): number {
  return Math.round((performance.now() - startedMs) * 100) / 100;
}
