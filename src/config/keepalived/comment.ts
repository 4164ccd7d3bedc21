/** What is left of a physical line, as offsets into it. */
export interface Uncommented {
  readonly start: number;
  readonly end: number;
  /** The line ends with a backslash, in a comment too: a definition goes on in the next one. */
  readonly continued: boolean;
  /** Offset of a quote that is never closed; null for none. */
  readonly openQuote: number | null;
}

const BLANK = /[ \t\r\f\v]/;

/** Leaves out blanks at both ends and a comment: `#` or `!` outside of double quotes, unless a backslash stands before it. */
export function uncomment(text: string): Uncommented {
  let whole = text.length;
  while (whole > 0 && BLANK.test(text[whole - 1] as string)) whole--;
  const continued = text[whole - 1] === "\\";
  const limit = continued ? whole - 1 : whole;
  let start = 0;
  while (start < limit && BLANK.test(text[start] as string)) start++;
  let end = limit;
  let openQuote: number | null = null;
  for (let at = start; at < end; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === '"') openQuote = openQuote === null ? at : null;
    else if (openQuote === null && (character === "#" || character === "!")) end = at;
  }
  while (end > start && BLANK.test(text[end - 1] as string)) end--;
  return { start, end, continued, openQuote };
}
