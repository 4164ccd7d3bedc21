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

/** A line without its end. */
export function lineText({ text, lineStarts }: Source, line: number): string {
  const start = lineStarts[line - 1] ?? text.length;
  const end = lineStarts[line] ?? text.length + 1;
  return text.slice(start, end - 1).replace(/\r$/, "");
}

/** Column of the offset within its line in characters (not UTF-16 units); the first is 1. */
export function columnOf(source: Source, offset: number): number {
  const start = source.lineStarts[lineNumber(source, offset) - 1] as number;
  return [...source.text.slice(start, offset)].length + 1;
}
