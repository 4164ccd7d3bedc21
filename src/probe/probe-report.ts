import type { CheckSpec, ProbeStep, Verdict } from "@lbctl/checkers";
import type { TcpLatency } from "./tcp-latency.ts";

/** What became of an HTTP exchange beside its octets; null where it was none, or not complete. */
export interface PageFacts {
  readonly status: number | null;
  readonly bodyBytes: number;
  readonly md5: string;
  readonly sha1: string;
}

export interface TimedStep {
  readonly atMs: number;
  readonly step: ProbeStep | ({ readonly kind: "page" } & PageFacts);
}

/** One run of one check, with everything that was seen of it. Plain data. */
export interface ProbeReport {
  readonly checker: CheckSpec["type"];
  /** Null: a check that no configuration has. */
  readonly virtualServer: string | null;
  readonly target: string;
  readonly timeoutMs: number;
  /** What a plain TCP connection to the same place took beforehand; null: none was tried. */
  readonly reach: TcpLatency | null;
  readonly steps: readonly TimedStep[];
  readonly verdict: Verdict;
}
