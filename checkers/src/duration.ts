const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
] as const;

/** A time as people say it, two units at most: "3d 4h", "41s", "1m 5s"; below ten seconds "3.5 s", below one "250 ms". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${Number((ms / 1000).toFixed(1))} s`;
  const first = units.findIndex(([, unitMs]) => ms >= unitMs);
  const parts: string[] = [];
  let restMs = ms;
  for (const [name, unitMs] of units.slice(first, first + 2)) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) parts.push(`${count}${name}`);
  }
  return parts.join(" ");
}
