import { type Diagnostic, diagnosticAt, type Remark } from "./diagnostics.ts";
import { type Block, blockName, type Entry, infoOf, type Keyword } from "./keywords/keyword.ts";
import {
  homesOf,
  type KnownKeyword,
  keywordsOf,
  lookUpUnsupported,
  nameOfSynonym,
  requiredIn,
  suggestKeyword,
} from "./keywords/lookup.ts";
import { type Config, keywordTable } from "./keywords/table.ts";
import type { ValueProblem, ValueType } from "./keywords/value-type.ts";
import { flag } from "./keywords/values/flag.ts";
import { spanOfWords } from "./locate.ts";
import { quote } from "./quote.ts";
import type { Span } from "./source.ts";
import type { SourceNode } from "./source-tree.ts";
import { hintOnCheck, hintOnWordsBefore, settingsOf } from "./stranger-hints.ts";
import { remarkOnMissing, remarkOnValue } from "./value-remarks.ts";

/** Reads a source tree by the keyword table. Pure; what has errors is left out of the Config and said. */
export function interpret(nodes: readonly SourceNode[]): {
  readonly config: Config;
  readonly diagnostics: Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const written = readChildren(nodes, keywordTable, new Set(), diagnostics);
  const config = Object.entries(keywordTable.entries).map(([name, entry]) => {
    // Of a keyword that may stand alone null is the value.
    const stands = entry.kind === "value" ? name in written : written[name] != null;
    return [name, stands ? written[name] : unwritten(entry)];
  });
  return { config: Object.fromEntries(config) as Config, diagnostics: saidOnce(diagnostics) };
}

/** A block of the top level of which only what it means was kept. */
interface CondensedNode extends SourceNode {
  readonly interpreted: { readonly written: unknown; readonly diagnostics: readonly Diagnostic[] };
}

/** A node of the top level as it may be given to `interpret` in place of itself: many times smaller, and of no other use. */
export function condense(node: SourceNode): SourceNode {
  const entry = keywordsOf(keywordTable).get(node.keyword)?.entry;
  if (entry?.kind !== "block" || !entry.repeatable || node.children === null) return node;
  const diagnostics: Diagnostic[] = [];
  const written = interpretBlock(node, node.children, entry.block, diagnostics);
  const { keyword, span } = node;
  const condensed: CondensedNode = { keyword, values: [], children: [], span, interpreted: { written, diagnostics } };
  return condensed;
}

function interpretedBefore(node: SourceNode, diagnostics: Diagnostic[]): { readonly written: unknown } | null {
  if (!("interpreted" in node)) return null;
  const { interpreted } = node as CondensedNode;
  for (const diagnostic of interpreted.diagnostics) diagnostics.push(diagnostic);
  return interpreted;
}

/** What a keyword of the top level is in a `Config` when it stands nowhere, or has errors and may stand once. */
function unwritten(entry: Entry): unknown {
  if (entry.kind === "value") return undefined;
  return entry.repeatable ? [] : {};
}

/** What is wrong with settings that nothing comes of by themselves. Pure. */
export function checkSettings(first: SourceNode, more: readonly SourceNode[], block: Block): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  interpretBlock(first, [first, ...more], block, diagnostics);
  return saidOnce(diagnostics);
}

/** What is true of a keyword wherever it stands is said where it stands first, not ten thousand times. */
function saidOnce(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const said = new Set<string>();
  return diagnostics.filter(({ code, message }) => {
    if (code !== "deprecated" && code !== "no-effect" && code !== "unsupported-keyword") return true;
    return said.size !== said.add(message).size;
  });
}

/** Null when it has errors; that something is not supported is none of these. */
function interpretBlock(
  { span }: SourceNode,
  children: readonly SourceNode[],
  block: Block,
  diagnostics: Diagnostic[],
): unknown {
  const before = diagnostics.length;
  const seen = new Set<string>();
  const written = readChildren(children, block, seen, diagnostics);
  // What is missing is probably what was misspelt.
  const misspelt = diagnostics.slice(before).some(({ code }) => code === "unknown-keyword");
  for (const name of misspelt ? [] : requiredIn(block))
    if (!seen.has(name)) report(diagnostics, span, remarkOnMissing(block, name));
  for (let at = before; at < diagnostics.length; at++) if (isFatal(diagnostics[at] as Diagnostic)) return null;
  return written;
}

function isFatal({ severity, code }: Diagnostic): boolean {
  return severity === "error" && code !== "unsupported-keyword";
}

/**
 * What stands in a block, straight from the table: each value as its type, and of a block that may stand several times one
 * entry for each node that is a block, as `blocksNamed` counts them. `seen` gets the names of all that stand there.
 */
function readChildren(
  children: readonly SourceNode[],
  block: Block,
  seen: Set<string>,
  diagnostics: Diagnostic[],
): { [keyword: string]: unknown } {
  const written: { [keyword: string]: unknown } = {};
  // Values that may stand several times: all their words together are one value.
  const several = new Map<string, SourceNode[]>();
  eachAccepted(children, block, seen, diagnostics, (child, name, entry) => {
    if (entry.kind === "value") {
      if (entry.row.repeatable !== true) written[name] = interpretValue([child], entry, diagnostics);
      else if (several.get(name)?.push(child) === undefined) several.set(name, [child]);
    } else if (child.children === null) {
      report(diagnostics, child.values[0]?.span ?? child.span, remarkOnNoBlock(child, entry.block));
    } else {
      const before = interpretedBefore(child, diagnostics);
      const inner = before === null ? interpretBlock(child, child.children, entry.block, diagnostics) : before.written;
      if (!entry.repeatable) written[name] = inner;
      else if (written[name] === undefined) written[name] = [inner];
      else (written[name] as unknown[]).push(inner);
    }
  });
  for (const [name, nodes] of several)
    written[name] = interpretValue(nodes, block.entries[name] as Keyword, diagnostics);
  return written;
}

/** The value that the words of these nodes are; undefined, and said, when they are none. */
function interpretValue(nodes: readonly SourceNode[], { type, row }: Keyword, diagnostics: Diagnostic[]): unknown {
  for (const { keyword, children, span } of nodes) {
    if (children === null) continue;
    const message = `${keyword} takes a value, not a block or a list of blocks`;
    report(diagnostics, span, { code: "wrong-shape", message });
    return undefined;
  }
  const words: string[] = [];
  for (const { values } of nodes) for (const { text } of values) words.push(text);
  const parsed = type.parse(words);
  if (parsed.ok) return parsed.value;
  const [{ keyword, span }] = nodes as [SourceNode];
  for (const problem of problemsOf(words, type, parsed)) {
    const word = problem.code === "missing-value" ? null : problem.word;
    report(diagnostics, spanOfWords(nodes, word) ?? span, remarkOnValue(keyword, { type, row }, words, problem));
  }
  return undefined;
}

/** Of a block of lines, what is wrong with each; of other values the first problem, as what follows may be due to it. */
function problemsOf(words: readonly string[], type: ValueType<unknown>, first: ValueProblem): readonly ValueProblem[] {
  if (type.shape !== "lines" || words.length === 0) return [first];
  return words.flatMap((line, word) => {
    const parsed = type.parse([line]);
    return parsed.ok ? [] : [{ ...parsed, word }];
  });
}

/** Shows the children that the block knows, each as often as it may stand there; the others are said. */
function eachAccepted(
  children: readonly SourceNode[],
  block: Block,
  seen: Set<string>,
  diagnostics: Diagnostic[],
  accept: (child: SourceNode, name: string, entry: Entry) => void,
): void {
  const keywords = keywordsOf(block);
  for (const child of children) {
    const known = keywords.get(child.keyword);
    if (known === undefined) {
      report(diagnostics, child.span, remarkOnStranger(block, child));
      continue;
    }
    const { name, entry } = known;
    const again = seen.has(name);
    if (again && !mayRepeat(entry)) {
      const first = children.find(({ keyword }) => keywords.get(keyword)?.name === name);
      report(diagnostics, child.span, duplicate(child.keyword, first?.keyword ?? name));
      continue;
    }
    seen.add(name);
    if (!again) remarkOnUse(child, known, diagnostics);
    accept(child, name, entry);
  }
}

/** Says once in a block what is to be said of a keyword that is accepted. */
function remarkOnUse(
  { keyword, span }: SourceNode,
  { name, entry, deprecated }: KnownKeyword,
  diagnostics: Diagnostic[],
): void {
  if (entry.lacking !== undefined) report(diagnostics, span, remarkOnPending(keyword, entry, entry.lacking));
  if (deprecated) report(diagnostics, span, { code: "deprecated", message: `"${keyword}" is the old name of ${name}` });
  const instead = entry.kind === "value" ? entry.row.deprecatedFor : undefined;
  if (instead !== undefined)
    report(diagnostics, span, { code: "deprecated", message: `"${keyword}" is deprecated`, hint: `take ${instead}` });
  const noEffect = entry.kind === "value" ? entry.row.noEffect : undefined;
  if (noEffect !== undefined)
    report(diagnostics, span, { code: "no-effect", message: `${name} changes nothing: ${noEffect}` });
}

function remarkOnPending(word: string, entry: Entry, reason: string): Remark {
  const message = `${quote(word)} is not supported yet: ${reason}`;
  return { code: "unsupported-keyword", message, hint: `in keepalived: ${infoOf(entry).summary}` };
}

function remarkOnNoBlock({ keyword, values }: SourceNode, block: Block): Remark {
  const words = values.map(({ text }) => text).join(" ");
  const found = words === "" ? "" : `, found ${quote(words)}`;
  const switchedOn = flag.parse([words]).ok;
  const settings = settingsOf(
    block,
    values.map(({ text }) => text),
  );
  const hint = switchedOn
    ? `leave the value out: "${keyword}:"`
    : settings !== null
      ? `its settings have names: ${settings}`
      : `it holds keywords such as ${Object.keys(block.entries).slice(0, 3).join(", ")}`;
  return { code: "wrong-shape", message: `${keyword} is a block of settings${found}`, hint };
}

function mayRepeat(entry: Entry): boolean {
  return entry.kind === "block" ? entry.repeatable : entry.row.repeatable === true;
}

function duplicate(keyword: string, before: string): Remark {
  const message =
    keyword === before
      ? `${quote(keyword)} stands twice in this block`
      : `"${keyword}" is the same setting as "${before}", which stands above`;
  return { code: "duplicate-keyword", message, hint: "keep one of them" };
}

function remarkOnStranger(block: Block, { keyword: word, span }: SourceNode): Remark {
  const unsupported = lookUpUnsupported(block, word);
  if (unsupported !== undefined) {
    return { code: "unsupported-keyword", message: `${quote(word)} is refused: ${unsupported.reason}` };
  }
  const suggestion = suggestKeyword(block, word);
  const homes = homesOf(word).filter((path) => path !== block.path);
  const home = homes.find((path) => block.path !== "" && path.startsWith(block.path)) ?? homes[0];
  if (home !== undefined && suggestion === null) {
    const where = home === "" ? "the top level" : home.split("/").join(" > ");
    const message = `${quote(word)} does not belong here`;
    const here = nameOfSynonym(word);
    const hint =
      here !== null && keywordsOf(block).has(here) ? `here it is called "${here}"` : `it is a keyword of ${where}`;
    return { code: "misplaced-keyword", message, hint };
  }
  // A name that may be left out is meant where a block stands below it.
  const opens = /^:[ \t]*(?:#.*)?\r?\n/.test(span.source.text.slice(span.end, span.end + 80));
  const named = block.entries.name?.kind === "value" && (block.entries.name.row.required === true || opens);
  // In YAML, where keys end with a colon: "vrrp_instance: {VI_1: {...}}".
  const otherwise =
    named && (opens || /^:[ \t]*\{/.test(span.source.text.slice(span.end, span.end + 80)))
      ? `if it is the name: "name: ${word}", with the settings beside it`
      : null;
  const meant = suggestion === null ? otherwise : `did you mean "${suggestion.name}"? (${suggestion.summary})`;
  const hint = hintOnWordsBefore(block, word, span) ?? hintOnCheck(block, word, span) ?? meant;
  return { code: "unknown-keyword", message: `${quote(word)} is not a keyword of ${blockName(block)}`, hint };
}

function report(diagnostics: Diagnostic[], span: Span, remark: Remark): void {
  diagnostics.push(diagnosticAt(span, remark));
}
