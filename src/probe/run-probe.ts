import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import {
  type BodySink,
  type Check,
  createTracedEngine,
  isProbed,
  judgeTracked,
  type ProbedCheck,
  type ProbeStep,
  ResponseParser,
  type RunScript,
  type Verdict,
} from "@lbctl/checkers";
import { endpointText } from "ipvs-netlink";
import { trackedNumber } from "../vrrp/tracking/tracked-number.ts";
import type { ProbeReport, TimedStep } from "./probe-report.ts";
import { connectsByTcp } from "./tcp-checkers.ts";
import { type TcpLatency, tcpLatency } from "./tcp-latency.ts";

/** Nothing of this check can be run here. */
export class CannotProbe extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * Runs a check once, as the checker process would, and notes every step. @throws CannotProbe for one that is told by others
 */
export async function runProbe(check: Check, virtualServer: string | null, runScript: RunScript): Promise<ProbeReport> {
  const { spec, timing } = check;
  const script = spec.type === "MISC_CHECK" ? spec.script.command : null;
  const place = spec.connect.port === 0 ? spec.connect.address : endpointText(spec.connect);
  const base = { checker: spec.type, virtualServer, target: script ?? place, timeoutMs: timing.connectTimeoutMs };
  if (isProbed(check)) return { ...base, reach: await reachOf(check), ...(await probed(check, runScript)) };
  if (spec.type !== "FILE_CHECK") {
    throw new CannotProbe(
      `${spec.type} is told by others: nothing is probed`,
      '"lbctl status" shows what was told last.',
    );
  }
  const text = await readFile(spec.path, "latin1").catch(() => "");
  return {
    ...base,
    target: spec.path,
    reach: null,
    steps: [],
    verdict: judgeTracked(spec, { value: trackedNumber(text) }),
  };
}

/** Only where it would go the same way as the check: tcp-ping can neither bind nor mark. */
async function reachOf({ spec, timing }: ProbedCheck): Promise<TcpLatency | null> {
  const { address, port, bindto, bindIf, fwmark } = spec.connect;
  if (!connectsByTcp(spec) || bindto !== null || bindIf !== null || fwmark !== null) return null;
  return tcpLatency(address, port, timing.connectTimeoutMs);
}

async function probed(check: ProbedCheck, runScript: RunScript): Promise<Pick<ProbeReport, "steps" | "verdict">> {
  const { spec, timing } = check;
  const startedMs = performance.now();
  const steps: TimedStep[] = [];
  const ofPages = spec.type === "HTTP_GET" || spec.type === "SSL_GET";
  let page: Page | null = null;
  const note = (step: TimedStep["step"]): void => {
    steps.push({ atMs: Math.round((performance.now() - startedMs) * 100) / 100, step });
  };
  const endPage = (): void => {
    const facts = page?.facts() ?? null;
    page = null;
    if (facts !== null) note({ kind: "page", ...facts });
  };
  const trace = (step: ProbeStep): void => {
    if (step.kind === "started") {
      endPage();
      page = ofPages ? new Page() : null;
    }
    // A script is with nobody that we know of.
    if (spec.type !== "MISC_CHECK") note(step);
    if (step.kind === "received") page?.push(step.bytes);
    if (step.kind === "closed") page?.end();
  };
  const verdict = await new Promise<Verdict>((resolve) => {
    const engine = createTracedEngine(
      ([result]) => {
        engine.close();
        if (result !== undefined) resolve(result.verdict);
      },
      trace,
      { runScript },
    );
    engine.start([{ id: 1, spec, timeoutMs: timing.connectTimeoutMs }]);
  });
  endPage();
  return { steps, verdict };
}

/** A page as it comes in, with both digests that a check may ask for. */
class Page implements BodySink {
  readonly #parser = new ResponseParser(this);
  readonly #md5 = createHash("md5");
  readonly #sha1 = createHash("sha1");
  #bytes = 0;

  push(bytes: Uint8Array): void {
    this.#parser.push(bytes);
  }

  end(): void {
    this.#parser.end();
  }

  onContent(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    this.#md5.update(bytes);
    this.#sha1.update(bytes);
  }

  onFramed(): void {}

  /** Null while the answer is not complete. */
  facts() {
    if (!this.#parser.done) return null;
    const [md5, sha1] = [this.#md5.digest("hex"), this.#sha1.digest("hex")];
    return { status: this.#parser.statusCode, bodyBytes: this.#bytes, md5, sha1 };
  }
}
