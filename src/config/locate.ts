import type { Block } from "./keywords/keyword.ts";
import { lookUp } from "./keywords/lookup.ts";
import type { Span } from "./source.ts";
import type { SourceNode } from "./source-tree.ts";

/** Where something stands in a `Config`: ["virtual_server", 0, "real_server", 2, "port"]. */
export type Path = readonly (string | number)[];

/** A path followed as far as blocks lead: the innermost block, what was written in it, and the keyword left over. */
export interface Place {
  readonly block: Block;
  readonly children: readonly SourceNode[];
  /** Of the innermost block; null at the top. */
  readonly span: Span | null;
  readonly keyword: string | null;
}

/** The children that the table calls by this name, whichever synonym was written. */
export function nodesNamed(children: readonly SourceNode[], block: Block, name: string): SourceNode[] {
  return children.filter(({ keyword }) => lookUp(block, keyword)?.name === name);
}

const blockCache = new WeakMap<readonly SourceNode[], Map<string, readonly SourceNode[]>>();

/** Those of `nodesNamed` that are blocks: a `Config` has an entry for each, in this order. Many remarks ask for the same. */
function blocksNamed(children: readonly SourceNode[], block: Block, name: string): readonly SourceNode[] {
  const byName = blockCache.get(children) ?? new Map<string, readonly SourceNode[]>();
  blockCache.set(children, byName);
  const blocks = byName.get(name) ?? nodesNamed(children, block, name).filter((node) => node.children !== null);
  byName.set(name, blocks);
  return blocks;
}

export function follow(children: readonly SourceNode[], block: Block, path: Path, span: Span | null = null): Place {
  const [name, index] = path;
  if (name === undefined) return { block, children, span, keyword: null };
  const entry = block.entries[String(name)];
  const numbered = typeof index === "number";
  const node = blocksNamed(children, block, String(name))[numbered ? index : 0];
  if (entry?.kind !== "block" || node === undefined) return { block, children, span, keyword: String(name) };
  return follow(node.children ?? [], entry.block, path.slice(numbered ? 2 : 1), node.span);
}

/**
 * The place of a path: the words of a value (one of them when `word` is given), the keyword of a block. A path to
 * something that was not written is the place of the innermost block that was.
 */
export function locate(top: readonly SourceNode[], table: Block, path: Path, word: number | null = null): Span | null {
  const { block, children, span, keyword } = follow(top, table, path);
  const nodes = keyword === null ? [] : nodesNamed(children, block, keyword);
  return spanOfWords(nodes, word) ?? span;
}

/** The keywords of the blocks that a path leads through, the outermost first. */
export function blocksAround(top: readonly SourceNode[], table: Block, path: Path): Span[] {
  return path.flatMap((_part, index) => {
    // A block that may repeat is its name and its number.
    if (typeof path[index + 1] === "number") return [];
    const { span, keyword } = follow(top, table, path.slice(0, index + 1));
    return span === null || keyword !== null ? [] : [span];
  });
}

/** The words behind these keywords, or the one with this index; the first keyword when there are no words. */
export function spanOfWords(nodes: readonly SourceNode[], index: number | null): Span | null {
  const words = nodes.flatMap(({ values }) => values);
  const word = index === null ? undefined : words[index];
  const first = word ?? words[0];
  const last = word ?? words.at(-1);
  if (first === undefined || last === undefined) return nodes[0]?.span ?? null;
  // Words from two files, or from the values of two parameters, have no place in common.
  const together = first.span.source === last.span.source && last.span.end >= first.span.start;
  return together ? { ...first.span, end: last.span.end } : first.span;
}
