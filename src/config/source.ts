/** A text with a name; every position of a configuration is an offset into one. */
export interface Source {
  readonly file: string;
  readonly text: string;
  /** Offset of the first character of each line, ascending. */
  readonly lineStarts: readonly number[];
}

/** A piece of a source: offsets in UTF-16 units, `end` is behind the last one. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
  /** Where it is used, when it was written elsewhere: in the value of a parameter. */
  readonly usedAt?: Span;
}

export function sourceOf(file: string, text: string): Source {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return { file, text, lineStarts };
}

/** Line that holds the offset; the first is 1. */
export function lineNumber({ lineStarts }: Source, offset: number): number {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] as number) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Offsets of a line, without its end. */
export function lineBounds({ text, lineStarts }: Source, line: number): { readonly from: number; readonly to: number } {
  const from = lineStarts[line - 1] ?? text.length;
  const behind = (lineStarts[line] ?? text.length + 1) - 1;
  return { from, to: behind > from && text[behind - 1] === "\r" ? behind - 1 : behind };
}

/** A line without its end. */
export function lineText(source: Source, line: number): string {
  const { from, to } = lineBounds(source, line);
  return source.text.slice(from, to);
}

/** Column of the offset within its line in characters (not UTF-16 units); the first is 1. */
export function columnOf(source: Source, offset: number): number {
  const start = source.lineStarts[lineNumber(source, offset) - 1] as number;
  return offset - start - (pairsBefore(source, offset) - pairsBefore(source, start)) + 1;
}

/** Characters of two units are counted once for each stretch: a line may be a megabyte long, and have ten thousand remarks. */
const STRETCH = 1024;
const pairCounts = new WeakMap<Source, Uint32Array>();

/** How many characters of two UTF-16 units end at or before the offset. */
function pairsBefore(source: Source, offset: number): number {
  const counts = pairCounts.get(source) ?? countPairs(source);
  const stretch = Math.floor(offset / STRETCH);
  let count = counts[stretch] as number;
  for (let at = stretch * STRETCH; at < offset; at++) if (isPairEnd(source.text, at)) count++;
  return count;
}

/** Of the pairs that end before each stretch. */
function countPairs(source: Source): Uint32Array {
  const { text } = source;
  const counts = new Uint32Array(Math.floor(text.length / STRETCH) + 1);
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    if (at % STRETCH === 0) counts[at / STRETCH] = count;
    if (isPairEnd(text, at)) count++;
  }
  if (text.length % STRETCH === 0) counts[text.length / STRETCH] = count;
  pairCounts.set(source, counts);
  return counts;
}

function isPairEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0xdc00 || code > 0xdfff) return false;
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff;
}
