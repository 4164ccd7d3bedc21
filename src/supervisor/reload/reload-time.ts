/** HH:MM:SS, YY-MM-DD HH:MM:SS or YYYY-MM-DD HH:MM:SS, each perhaps with a Z behind it for UTC (keepalived.conf(5)). */
const format = /^(?:((?:\d\d)?\d\d)-(\d\d)-(\d\d) )?(\d\d):(\d\d):(\d\d)(Z?)$/;

export type ReloadTime =
  | { readonly kind: "at"; readonly epochMs: number }
  /** A date that is over. */
  | { readonly kind: "past" }
  | { readonly kind: "invalid" };

/**
 * When the reload is due that the first line of reload_time_file says. A time without a date is the next one, today or tomorrow.
 * Without Z it is local time. Pure.
 */
export function reloadTime(text: string, nowEpochMs: number): ReloadTime {
  const match = format.exec(text.split("\n")[0] ?? "");
  if (match === null) return { kind: "invalid" };
  const [year, month, day, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((each) => (each === undefined ? undefined : Number(each)));
  const isUtc = match[7] === "Z";
  if (hour > 23 || minute > 59 || second > 59) return { kind: "invalid" };
  if (year === undefined || month === undefined || day === undefined) {
    return { kind: "at", epochMs: nextOfDay(hour, minute, second, isUtc, nowEpochMs) };
  }
  const fullYear = year < 100 ? 2000 + year : year;
  const isDate = new Date(Date.UTC(fullYear, month - 1, day)).getUTCDate() === day && month >= 1 && month <= 12;
  if (!isDate) return { kind: "invalid" };
  const epochMs = isUtc
    ? Date.UTC(fullYear, month - 1, day, hour, minute, second)
    : new Date(fullYear, month - 1, day, hour, minute, second).getTime();
  return epochMs > nowEpochMs ? { kind: "at", epochMs } : { kind: "past" };
}

function nextOfDay(hour: number, minute: number, second: number, isUtc: boolean, nowEpochMs: number): number {
  const date = new Date(nowEpochMs);
  const move = (days: number) => {
    if (isUtc) {
      date.setUTCDate(date.getUTCDate() + days);
      return date.setUTCHours(hour, minute, second, 0);
    }
    date.setDate(date.getDate() + days);
    return date.setHours(hour, minute, second, 0);
  };
  const today = move(0);
  return today > nowEpochMs ? today : move(1);
}
