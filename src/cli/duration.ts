const secondsIn = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** "90", "90s", "30m", "2h", "1d", "1h30m" as seconds; null if it is none, or not above zero. */
export function parseDurationS(text: string): number | null {
  if (/^\d+$/.test(text)) return positive(Number(text));
  if (!/^(?:\d+[smhd])+$/.test(text)) return null;
  const parts = [...text.matchAll(/(\d+)([smhd])/g)];
  return positive(
    parts.reduce((sum, [, count, unit]) => sum + Number(count) * secondsIn[unit as keyof typeof secondsIn], 0),
  );
}

function positive(seconds: number): number | null {
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : null;
}
