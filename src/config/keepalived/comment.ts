/** What is left of a physical line, as offsets into it. */
export interface Uncommented {
  readonly start: number;
  readonly end: number;
  /** The line ends with a backslash, in a comment too: a definition goes on in the next one. */
  readonly continued: boolean;
  /** Offset of a quote that is never closed; null for none. */
  readonly openQuote: number | null;
}

const [HASH, BANG, QUOTE, BACKSLASH] = [0x23, 0x21, 0x22, 0x5c];

/** Blank, tab, carriage return, form feed, vertical tab. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || (code >= 0x0b && code <= 0x0d);
}

/** True for a physical line whose last character, blanks aside, is a backslash. */
export function isContinued(text: string): boolean {
  let end = text.length;
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end--;
  return end > 0 && text.charCodeAt(end - 1) === BACKSLASH;
}

/** Leaves out blanks at both ends and a comment: `#` or `!` outside of double quotes, unless a backslash stands before it. */
export function uncomment(text: string): Uncommented {
  let limit = text.length;
  while (limit > 0 && isBlank(text.charCodeAt(limit - 1))) limit--;
  const continued = limit > 0 && text.charCodeAt(limit - 1) === BACKSLASH;
  if (continued) limit--;
  let start = 0;
  while (start < limit && isBlank(text.charCodeAt(start))) start++;
  let end = limit;
  let openQuote: number | null = null;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) openQuote = openQuote === null ? at : null;
    else if (openQuote === null && (code === HASH || code === BANG)) end = at;
  }
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return { start, end, continued, openQuote };
}
