/** How one request ended. Times are milliseconds since the epoch; host and guest have the same clock. */
export type Outcome = {
  readonly startedAtMs: number;
  readonly tookMs: number;
} & ({ readonly ok: true; readonly server: string } | { readonly ok: false; readonly reason: string });

export type Failure = { readonly startedAtMs: number; readonly tookMs: number; readonly reason: string };

export type LoadSummary = {
  readonly total: number;
  readonly ok: number;
  readonly failed: number;
  /** Requests that were due while as many as allowed were under way. Not part of `total`. */
  readonly notSent: number;
  /** Answers by the name that the server gives itself. */
  readonly byServer: Readonly<Record<string, number>>;
  readonly byReason: Readonly<Record<string, number>>;
  /** The first of them, in order of their start. */
  readonly failures: readonly Failure[];
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
};

const failuresKept = 200;

export function summarize(outcomes: readonly Outcome[], notSent: number): LoadSummary {
  const answered = outcomes.filter((outcome) => outcome.ok);
  const failures = outcomes
    .filter((outcome) => !outcome.ok)
    .map(({ startedAtMs, tookMs, reason }) => ({ startedAtMs, tookMs, reason }))
    .sort((a, b) => a.startedAtMs - b.startedAtMs);
  const latencies = answered.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const quantile = (q: number): number => latencies[Math.max(0, Math.ceil(q * latencies.length) - 1)] ?? 0;
  return {
    total: outcomes.length,
    ok: answered.length,
    failed: failures.length,
    notSent,
    byServer: countBy(answered.map(({ server }) => server)),
    byReason: countBy(failures.map(({ reason }) => reason)),
    failures: failures.slice(0, failuresKept),
    latencyMs: { p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) },
  };
}

function countBy(keys: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}
