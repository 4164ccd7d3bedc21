/** One request of the client load. Times are monotonic milliseconds. */
export interface RequestRecord {
  readonly startedMs: number;
  /** Which server answered; null when none did. */
  readonly server: string | null;
  /** Why none did. */
  readonly error: string | null;
}

/** What became of the requests of some time. */
export interface Tally {
  readonly requests: number;
  readonly errors: number;
  /** The first error, for whoever has to find out. */
  readonly firstError: string | null;
  readonly byServer: Readonly<Record<string, number>>;
}

/** Counts the requests that were started in [fromMs, toMs). */
export function tally(records: readonly RequestRecord[], fromMs: number, toMs = Number.POSITIVE_INFINITY): Tally {
  const byServer: Record<string, number> = {};
  let requests = 0;
  let errors = 0;
  let firstError: string | null = null;
  for (const { startedMs, server, error } of records) {
    if (startedMs < fromMs || startedMs >= toMs) continue;
    requests++;
    if (server === null) {
      errors++;
      firstError ??= error;
    } else {
      byServer[server] = (byServer[server] ?? 0) + 1;
    }
  }
  return { requests, errors, firstError, byServer };
}

/** Share of the answered requests that each server had, 0 to 1. */
export function shareOf(server: string, { byServer }: Tally): number {
  const answered = Object.values(byServer).reduce((sum, count) => sum + count, 0);
  return answered === 0 ? 0 : (byServer[server] ?? 0) / answered;
}
