import { type Diagnostic, diagnosticAt } from "../diagnostics.ts";
import { checkSettings } from "../interpret.ts";
import { defaults as defaultsEntry, isMeantFor } from "../keywords/defaults.ts";
import { type Block, infoOf } from "../keywords/keyword.ts";
import { keywordsOf, lookUp } from "../keywords/lookup.ts";
import { keywordTable } from "../keywords/table.ts";
import { quote } from "../quote.ts";
import type { Span } from "../source.ts";
import type { SourceNode } from "../source-tree.ts";
import { nearest } from "../suggest.ts";

/** What a block of one kind takes from the defaults, by the names of the table. */
interface Defaults {
  /** Settings, and blocks that may stand once: added where they are missing. */
  readonly settings: ReadonlyMap<string, SourceNode>;
  /** Blocks: what is in them is for those that are there. */
  readonly blocks: ReadonlyMap<string, Defaults>;
}

/** The tree with its defaults filled in, and without the block `defaults`, which is checked by itself. */
export function applyDefaults<
  R extends { readonly nodes: readonly SourceNode[]; readonly diagnostics: readonly Diagnostic[] },
>(written: R): R {
  const read = withoutMisspelt(written);
  const [first, ...more] = read.nodes.filter(({ keyword }) => keyword === "defaults");
  if (first === undefined) return read;
  // A second one can come from another file. The check of the top level says that it stands twice.
  const found = checkSettings(first, more, { path: "", entries: { defaults: defaultsEntry } });
  const given = defaultsOf(first.children ?? [], keywordTable, defaultsEntry.block);
  const others = read.nodes.filter(({ keyword }) => keyword !== "defaults");
  return {
    ...read,
    nodes: others.map((node) => withDefaultsOf(node, given, keywordTable)),
    diagnostics: [...read.diagnostics, ...found],
  };
}

/** Says of words that are nearest to `defaults` what they probably mean; the table, which is for keepalived.conf too, lacks it. */
function withoutMisspelt<
  R extends { readonly nodes: readonly SourceNode[]; readonly diagnostics: readonly Diagnostic[] },
>(read: R): R {
  const misspelt = read.nodes.filter(({ keyword }) => isMisspelt(keyword));
  if (misspelt.length === 0) return read;
  const said = misspelt.map(({ keyword, span }) =>
    diagnosticAt(span, {
      code: "unknown-keyword",
      message: `${quote(keyword)} is not a keyword of the top level`,
      hint: `did you mean "defaults"? (${infoOf(defaultsEntry).summary})`,
    }),
  );
  const nodes = read.nodes.filter((node) => !misspelt.includes(node));
  return { ...read, nodes, diagnostics: [...read.diagnostics, ...said] };
}

function isMisspelt(word: string): boolean {
  if (word === "defaults" || lookUp(keywordTable, word) !== undefined) return false;
  return nearest(word, [...keywordsOf(keywordTable).keys(), "defaults"]) === "defaults";
}

/** `allowed` is the block as it stands in the defaults, which lacks what they do not take. */
function defaultsOf(nodes: readonly SourceNode[], block: Block, allowed: Block): Defaults {
  const settings = new Map<string, SourceNode>();
  const blocks = new Map<string, Defaults>();
  for (const node of nodes) {
    const known = lookUp(block, node.keyword);
    const taken = lookUp(allowed, node.keyword)?.entry;
    if (known === undefined || taken === undefined) continue;
    const { name, entry } = known;
    if (entry.kind === "block" && taken.kind === "block" && node.children !== null)
      blocks.set(name, defaultsOf(node.children, entry.block, taken.block));
    if (entry.kind === "value" || !entry.repeatable) settings.set(name, node);
  }
  return { settings, blocks };
}

function withDefaultsOf(node: SourceNode, { blocks }: Defaults, outer: Block): SourceNode {
  const known = lookUp(outer, node.keyword);
  const given = known === undefined ? undefined : blocks.get(known.name);
  if (known?.entry.kind !== "block" || given === undefined || node.children === null) return node;
  const { block } = known.entry;
  const present = new Set(node.children.map(({ keyword }) => lookUp(block, keyword)?.name ?? keyword));
  const missing = [...given.settings].filter(([name]) => !present.has(name));
  const all = new Set([...present, ...given.settings.keys()]);
  const added = missing.filter(([name]) => isMeantFor(name, all)).map(([, setting]) => used(setting, node.span));
  const own = node.children.map((child) => withDefaultsOf(child, given, block));
  return { ...node, children: [...own, ...added] };
}

/** The setting where it is used: positions are those of the defaults, and say where they count. */
function used(node: SourceNode, { source, start, end }: Span): SourceNode {
  const usedAt = { source, start, end };
  return {
    ...node,
    span: { ...node.span, usedAt },
    values: node.values.map(({ text, span }) => ({ text, span: { ...span, usedAt } })),
    children: node.children?.map((child) => used(child, usedAt)) ?? null,
  };
}
