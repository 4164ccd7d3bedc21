import type { Span } from "./source.ts";

/** A word of the source: what stands there after quotes and escapes are resolved, and where. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

/**
 * A keyword with what follows it: what every front end makes of its text, and all that the rest of the path sees.
 * In a block, what keepalived.conf writes behind the keyword (`virtual_server 192.0.2.10 80 {`) are children of their own
 * (`address`, `port`). Two trees mean the same when they are equal but for the spans.
 */
export interface SourceNode {
  readonly keyword: string;
  readonly values: readonly Word[];
  /** Null when the keyword opens no block. */
  readonly children: readonly SourceNode[] | null;
  /** The keyword; for an entry of a list, its first keyword. */
  readonly span: Span;
  /** The brace that closes it, in keepalived.conf. */
  readonly end?: Span | undefined;
}

/** The tree as nested lists without positions: equal for texts that mean the same. */
export function withoutPositions(nodes: readonly SourceNode[]): readonly unknown[] {
  return nodes.map(({ keyword, values, children }) => [
    keyword,
    values.map(({ text }) => text),
    children === null ? null : withoutPositions(children),
  ]);
}
