const inTheClear = /(\b(?:auth_pass|password)\b["']?\s*[:=]?\s*)(?![:=\s]|["']?\$)("[^"]*"?|'[^']*'?|[^\s,}]+)/g;
/** An id and its key: that of SSL is a path. */
const withId = /(\bkey\b["']?\s*:?\s*\[?\s*["']?\d{1,3}\s+)(?!\$)([^"'\s,}\]]+)/g;

/** Characters from column `from` to before column `to` as asterisks; the first column is 1. */
export function maskColumns(line: string, from: number, to: number): string {
  return [...line].map((character, at) => (at + 1 >= from && at + 1 < to ? "*" : character)).join("");
}

/**
 * A line of a configuration as it may stand in a log: what is behind the keywords of passwords are asterisks, as many as it had
 * characters. References to variables stay.
 */
export function withoutSecrets(line: string): string {
  const mask = (_: string, keyword: string, value: string) => `${keyword}${"*".repeat([...value].length)}`;
  return line.replace(inTheClear, mask).replace(withId, mask);
}
