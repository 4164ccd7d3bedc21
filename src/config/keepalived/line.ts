import type { Source, Span } from "../source.ts";

/** A stretch of a line that comes from one place. */
interface Piece {
  /** Offset of its first character in the text of the line. */
  readonly from: number;
  /** Where it was written. A parameter's value was written where it was defined. */
  readonly span: Span;
  /** Its place in the line as it stood before parameters were replaced. */
  readonly at: Span;
  /** Its characters are those of the span, one by one. */
  readonly verbatim: boolean;
}

/** A line of configuration after comments were removed and, later, parameters replaced; it knows where each part comes from. */
export interface Line {
  readonly text: string;
  /** Ascending; the first one is from 0 unless the text is empty. */
  readonly pieces: readonly Piece[];
}

/** A part of a source as it stands there. */
export function lineOf(source: Source, start: number, end: number): Line {
  const span = { source, start, end };
  return { text: source.text.slice(start, end), pieces: [{ from: 0, span, at: span, verbatim: true }] };
}

/** A text that stands nowhere in this form: what a predefined parameter or a sequence yields. */
export function generatedLine(text: string, span: Span): Line {
  return { text, pieces: [{ from: 0, span, at: span, verbatim: false }] };
}

/** The part of the line from `start` up to `end`. */
export function sliceLine(line: Line, start: number, end = line.text.length): Line {
  if (start === 0 && end === line.text.length) return line;
  const whole = verbatimSource(line);
  if (whole !== null) return lineOf(whole.source, whole.start + start, whole.start + end);
  const pieces = touched(line, start, end).map((piece) => narrowed(line, piece, start, end));
  return {
    text: line.text.slice(start, end),
    pieces: pieces.map((piece) => ({ ...piece, from: Math.max(0, piece.from - start) })),
  };
}

export function joinLines(...lines: readonly Line[]): Line {
  const pieces: Piece[] = [];
  let text = "";
  for (const line of lines) {
    if (line.text === "") continue;
    for (const piece of line.pieces) pieces.push({ ...piece, from: piece.from + text.length });
    text += line.text;
  }
  return { text, pieces };
}

/** The value as it stands in place of a reference: written where it was, used at the outermost reference. */
export function usedLine(value: Line, reference: Span): Line {
  const usedAt = outermost(reference);
  const pieces = value.pieces.map(({ span, ...piece }) => ({
    ...piece,
    span: { ...span, usedAt },
    at: reference,
  }));
  return { ...value, pieces };
}

/** A line of a value that runs over several: positions inside it are those of the definition. */
export function lineOfValue(value: Line, reference: Span): Line {
  const usedAt = outermost(reference);
  const pieces = value.pieces.map(({ span, ...piece }) => {
    const used = { ...span, usedAt };
    return { ...piece, span: used, at: used };
  });
  return { ...value, pieces };
}

function outermost({ source, start, end, usedAt }: Span): Span {
  return usedAt ?? { source, start, end };
}

/** Most lines are as they stand in the file: their span, for a shorter way. Null for the others. */
function verbatimSource({ pieces }: Line): Span | null {
  const [piece] = pieces;
  if (piece === undefined || pieces.length > 1 || !piece.verbatim) return null;
  return piece.span === piece.at && piece.span.usedAt === undefined ? piece.span : null;
}

/** Where a part of the line comes from: where it was written when that is one place, otherwise where it stands in the line. */
export function spanIn(line: Line, start: number, end: number): Span {
  const whole = verbatimSource(line);
  if (whole !== null) return { source: whole.source, start: whole.start + start, end: whole.start + end };
  const pieces = touched(line, start, Math.max(end, start + 1));
  const first = pieces[0] ?? line.pieces.at(-1);
  const last = pieces.at(-1) ?? first;
  if (first === undefined || last === undefined) throw new RangeError("an empty line has no place");
  const narrow = narrowed(line, first, start, end);
  return first === last ? narrow.span : union(narrow.at, narrowed(line, last, start, end).at);
}

/** Where a part of the line stands in it, parameters not replaced. */
export function placeIn(line: Line, start: number, end: number): Span {
  const pieces = touched(line, start, end);
  const [first] = pieces;
  const last = pieces.at(-1);
  if (first === undefined || last === undefined) return spanIn(line, start, end);
  return union(narrowed(line, first, start, end).at, narrowed(line, last, start, end).at);
}

function union(first: Span, last: Span): Span {
  return first.source === last.source && last.end >= first.start ? { ...first, end: last.end } : first;
}

function touched({ text, pieces }: Line, start: number, end: number): Piece[] {
  if (pieces.length === 1) return [...pieces];
  return pieces.filter(({ from }, index) => from < end && (pieces[index + 1]?.from ?? text.length) > start);
}

/** The piece without what is outside of the range, as far as its characters can be told apart. */
function narrowed(line: Line, piece: Piece, start: number, end: number): Piece {
  if (!piece.verbatim) return piece;
  const { from, span, at } = piece;
  const length = span.end - span.start;
  const cutStart = Math.min(Math.max(0, start - from), length);
  const cutEnd = Math.min(Math.max(cutStart, end - from), length, line.text.length - from);
  const cut = { ...span, start: span.start + cutStart, end: span.start + cutEnd };
  return {
    from: from + cutStart,
    span: cut,
    at: at.start === span.start && at.end === span.end && at.source === span.source ? cut : at,
    verbatim: true,
  };
}
