import { lineNumber, lineText, type Source, type Span } from "../source.ts";
import type { SourceNode, Word } from "../source-tree.ts";
import type { SourceComment } from "./comments.ts";

/** The comments of a statement, or of a line in the braces of one. */
export interface Notes {
  readonly before: string[];
  readonly trailing: string[];
  /** At the end of its braces. */
  readonly tail: string[];
  readonly after: string[];
  /** A blank line stands above it. */
  spaced: boolean;
}

export interface Annotations {
  readonly notes: ReadonlyMap<SourceNode | Word, Notes>;
  /** What follows everything. */
  readonly tail: readonly string[];
}

/** Where something begins in its file, or where the brace stands that ends it. */
interface Mark {
  readonly what: SourceNode | Word;
  readonly ends: boolean;
  readonly source: Source;
  readonly at: number;
}

/**
 * Which statement each comment belongs to: the one on its line, or the next one in its block, or the block that ends behind it.
 * The first of the sources is the file itself, the others are included in it.
 */
export function annotate(
  nodes: readonly SourceNode[],
  commented: readonly { readonly source: Source; readonly comments: readonly SourceComment[] }[],
): Annotations {
  const all = nodes.flatMap((node) => marksOf(node, null));
  const bySource = Map.groupBy(all, ({ source }) => source);
  const annotator = new Annotator();
  for (const [index, { source, comments }] of commented.entries()) {
    // Stable: of what a template makes in one place the first comes first.
    const marks = (bySource.get(source) ?? []).toSorted((a, b) => a.at - b.at);
    annotator.attach(source, marks, comments, index > 0);
  }
  return annotator;
}

function marksOf(node: SourceNode, parent: SourceNode | null): Mark[] {
  const { span, values, children, end } = node;
  // What stands behind the keyword of a block is no statement of its own; nor is what was not written.
  const own = span !== parent?.span && span !== values[0]?.span;
  const inBraces = children === null && (end !== undefined || span === parent?.span);
  return [
    ...(own ? [mark(node, span, false)] : []),
    ...(inBraces ? values.filter((word) => word.span !== span).map((word) => mark(word, word.span, false)) : []),
    ...(children ?? []).flatMap((child) => marksOf(child, node)),
    ...(end === undefined ? [] : [mark(node, end, true)]),
  ];
}

function mark(what: SourceNode | Word, span: Span, ends: boolean): Mark {
  const { source, start } = span.usedAt ?? span;
  return { what, ends, source, at: start };
}

class Annotator implements Annotations {
  readonly notes = new Map<SourceNode | Word, Notes>();
  readonly tail: string[] = [];

  attach(source: Source, marks: readonly Mark[], comments: readonly SourceComment[], included: boolean): void {
    const lines = new Map(marks.filter(({ ends }) => !ends).map(({ what, at }) => [what, lineNumber(source, at)]));
    const leads = new Map(lines);
    let next = 0;
    for (const { text, start, line, alone } of comments) {
      while ((marks[next]?.at ?? Number.POSITIVE_INFINITY) < start) next++;
      const before = marks[next - 1];
      const behind = marks[next];
      if (!alone && before !== undefined && lineNumber(source, before.at) === line) {
        // Behind the brace that ends a block above it is the end of that block.
        const given = this.#notesOf(before.what);
        (before.ends && lines.get(before.what) !== line ? given.tail : given.trailing).push(text);
      } else if (behind?.ends === true) this.#notesOf(behind.what).tail.push(text);
      else if (behind !== undefined) {
        const given = this.#notesOf(behind.what);
        if (given.before.length === 0) leads.set(behind.what, line);
        given.before.push(text);
      } else if (before !== undefined && included) this.#notesOf(before.what).after.push(text);
      else this.tail.push(text);
    }
    for (const [what, line] of leads) if (blankAbove(source, line)) this.#notesOf(what).spaced = true;
  }

  #notesOf(what: SourceNode | Word): Notes {
    const given = this.notes.get(what) ?? { before: [], trailing: [], tail: [], after: [], spaced: false };
    this.notes.set(what, given);
    return given;
  }
}

function blankAbove(source: Source, line: number): boolean {
  return line > 1 && lineText(source, line - 1).trim() === "";
}
