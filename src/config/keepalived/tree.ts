import { type Diagnostic, diagnosticAt, type Remark } from "../diagnostics.ts";
import type { Block, Entry } from "../keywords/keyword.ts";
import { type KnownKeyword, keywordsOf } from "../keywords/lookup.ts";
import type { ValueType } from "../keywords/value-type.ts";
import { quote } from "../quote.ts";
import type { Span } from "../source.ts";
import type { SourceNode, Word } from "../source-tree.ts";
import { spanIn } from "./line.ts";
import { lostBackslashes } from "./lost-backslashes.ts";
import { firstCounts } from "./repeated-setting.ts";
import type { Statement } from "./statements.ts";
import { escapedWords } from "./words.ts";

/** The source tree of statements: what stands behind the keyword of a block become settings in it, as the table names them. */
function treeOf(statements: readonly Statement[], block: Block, diagnostics: Diagnostic[]): SourceNode[] {
  return lastCounts(nodesOf(statements, block, diagnostics), block, diagnostics);
}

/** A node for each statement that can be read, also for those that a later one replaces. */
export function nodesOf(statements: readonly Statement[], block: Block, diagnostics: Diagnostic[]): SourceNode[] {
  const nodes: SourceNode[] = [];
  const keywords = keywordsOf(block);
  for (const statement of statements) {
    if (statement.broken) continue;
    nodes.push(nodeOf(statement, keywords.get(statement.keyword)?.entry, diagnostics));
  }
  return nodes;
}

function nodeOf(statement: Statement, entry: Entry | undefined, diagnostics: Diagnostic[]): SourceNode {
  const { keyword, span, children, end } = statement;
  if (entry === undefined) return { keyword, values: [], children: null, span };
  if (entry.kind === "value") return valueNode(statement, entry.type, diagnostics);
  if (children === null) return { keyword, values: argumentsOf(statement), children, span };
  const named = namedArguments(statement, entry.block, diagnostics);
  const inside = [
    ...named,
    ...(linesInside(statement, entry.block, diagnostics) ?? treeOf(children, entry.block, diagnostics)),
  ];
  if (keyword === "virtual_server") inside.splice(named.length, 0, ...assumedProtocol(inside, span, diagnostics));
  return { keyword, values: [], children: inside, span, end };
}

/** A value of several words may also stand in braces, its words on any number of lines. */
function valueNode(
  { line, words, keyword, span, children, end }: Statement,
  { shape, escaped }: ValueType<unknown>,
  diagnostics: Diagnostic[],
): SourceNode {
  const own = shape === "list" || escaped ? escapedWords(line).slice(1) : words.slice(1);
  if (escaped) diagnostics.push(...lostBackslashes(line, keyword));
  if (shape === "word" || shape === "optional")
    return children === null
      ? { keyword, values: own, children: null, span }
      : { keyword, values: [], children: [], span };
  // Empty braces, too: behind words there is nothing that they could hold.
  if (children !== null) checkCount(own, `${keyword} has nothing before its brace`, diagnostics);
  for (const each of children ?? []) checkBare(each, keyword, diagnostics);
  const inside = (children ?? []).flatMap((each) => (shape === "lines" ? [wholeLine(each)] : each.words));
  const values = [...own, ...inside];
  return { keyword, values: keyword === "sorry_server" ? withoutPortZero(values) : values, children: null, span, end };
}

/** A line in the braces of a value is words: it has no braces of its own. */
function checkBare({ children, keyword, span, broken }: Statement, block: string, diagnostics: Diagnostic[]): void {
  if (children === null || broken) return;
  const message = `${quote(keyword)} is followed by a brace: lines of ${block} have none`;
  const hint = "leave the braces out; its options stand on the same line";
  diagnostics.push(diagnosticAt(span, { code: "stray-brace", message, hint }));
}

function wholeLine({ line, words }: Statement): Word {
  const text = words.map((word) => word.text);
  return { text: text.join(" "), span: spanIn(line, 0, line.text.length) };
}

function argumentsOf({ words }: Statement): readonly Word[] {
  return words.slice(1);
}

/** Port 0 is keepalived's way of saying none. */
function withoutPortZero(words: readonly Word[]): readonly Word[] {
  return words.length === 2 && words[1]?.text === "0" ? words.slice(0, 1) : words;
}

/** What stands behind the keyword of a block: `virtual_server 192.0.2.10 80 {`. */
function namedArguments(statement: Statement, block: Block, diagnostics: Diagnostic[]): SourceNode[] {
  const words = argumentsOf(statement);
  const [first] = words;
  const { keyword } = statement;
  const special = keyword === "virtual_server" && (first?.text === "fwmark" || first?.text === "group");
  if (special) {
    checkCount(words.slice(2), `${first?.text} has one value`, diagnostics);
    return [{ keyword: first?.text ?? "", values: words.slice(1, 2), children: null, span: (first as Word).span }];
  }
  const endpoint = keyword === "virtual_server" || keyword === "real_server";
  const names = endpoint ? ["address", "port"] : unnamed(block).behind;
  const expected =
    names.length === 0 ? `${keyword} has nothing before its brace` : `${keyword} has ${names.join(" and ")}`;
  checkCount(words.slice(names.length), expected, diagnostics);
  const given = endpoint ? withoutPortZero(words.slice(0, 2)) : words.slice(0, names.length);
  return given.map((word, index) => ({
    keyword: names[index] as string,
    values: [word],
    children: null,
    span: word.span,
  }));
}

function checkCount(surplus: readonly Word[], expected: string, diagnostics: Diagnostic[]): void {
  const [word] = surplus;
  if (word === undefined) return;
  const message = `${quote(word.text)} is a word too many: ${expected}`;
  diagnostics.push(diagnosticAt(word.span, { code: "too-many-values", message }));
}

/** The settings of a block that have no keyword in keepalived.conf. */
interface Unnamed {
  /** Those that stand behind the keyword of the block, in this order. */
  readonly behind: readonly string[];
  /** The one that the lines in its braces are, when it holds nothing else. */
  readonly lines: string | null;
}

const unnamedOf = new WeakMap<Block, Unnamed>();

function unnamed(block: Block): Unnamed {
  const known = unnamedOf.get(block);
  if (known !== undefined) return known;
  const entries = Object.entries(block.entries).filter(([, entry]) => isUnnamed(entry));
  const behind = entries.flatMap(([name, entry]) => (ofLines(entry) ? [] : [name]));
  const made = { behind, lines: entries.find(([, entry]) => ofLines(entry))?.[0] ?? null };
  unnamedOf.set(block, made);
  return made;
}

/** The lines of a block that holds nothing else, as the setting that the table has for them; null for other blocks. */
function linesInside(
  { keyword, children, span }: Statement,
  block: Block,
  diagnostics: Diagnostic[],
): SourceNode[] | null {
  const { lines } = unnamed(block);
  if (lines === null) return null;
  for (const each of children ?? []) checkBare(each, keyword, diagnostics);
  return [{ keyword: lines, values: (children ?? []).map(wholeLine), children: null, span }];
}

function isUnnamed(entry: Entry): boolean {
  return entry.kind === "value" && "unnamed" in entry.row && entry.row.unnamed === true;
}

function ofLines(entry: Entry): boolean {
  const shape: string = entry.kind === "value" ? entry.type.shape : "";
  return shape === "lines";
}

/** As keepalived does: UDP where nothing is said, which is rarely meant. */
function assumedProtocol(children: readonly SourceNode[], span: Span, diagnostics: Diagnostic[]): SourceNode[] {
  const says = (keyword: string) => children.some((child) => child.keyword === keyword);
  if (says("protocol") || !says("address")) return [];
  const message = "virtual_server has no protocol: it is UDP, as with keepalived";
  const hint = "most services are TCP: write protocol TCP; or protocol UDP, if that is meant";
  diagnostics.push(diagnosticAt(span, { code: "protocol-missing", message, hint }));
  return [{ keyword: "protocol", values: [{ text: "UDP", span }], children: null, span }];
}

/**
 * Of a setting that stands several times the last one counts, of some the first; blocks that may stand once add up: all as
 * with keepalived.
 */
export function lastCounts(nodes: readonly SourceNode[], block: Block, diagnostics: Diagnostic[]): SourceNode[] {
  const keywords = keywordsOf(block);
  const kept: SourceNode[] = [];
  const places = new Map<string, number>();
  for (const node of nodes) {
    const known = keywords.get(node.keyword);
    const place = known === undefined ? undefined : places.get(known.name);
    if (known !== undefined && place === undefined && !mayRepeat(known.entry)) places.set(known.name, kept.length);
    if (known === undefined || place === undefined) kept.push(node);
    else kept[place] = merged(kept[place] as SourceNode, node, known, block, diagnostics);
  }
  for (const place of places.values()) {
    const node = kept[place] as SourceNode;
    const entry = keywords.get(node.keyword)?.entry;
    if (entry?.kind !== "block" || node.children === null) continue;
    kept[place] = { ...node, children: lastCounts(node.children, entry.block, diagnostics) };
  }
  return kept;
}

function mayRepeat(entry: Entry): boolean {
  return entry.kind === "block" ? entry.repeatable : entry.row.repeatable === true;
}

function merged(
  before: SourceNode,
  node: SourceNode,
  known: KnownKeyword,
  { path }: Block,
  diagnostics: Diagnostic[],
): SourceNode {
  if (known.entry.kind === "block") {
    const children = before.children === null ? node.children : [...before.children, ...(node.children ?? [])];
    return { ...before, children };
  }
  const [one, other] = [before, node].map(({ values }) => values.map((word) => word.text).join(" ")) as [
    string,
    string,
  ];
  const first = firstCounts(path, known.name, known.entry, one, other);
  if (one !== other) {
    const remark = overridden(before, node, first ? "the first one counts" : "the last one counts");
    diagnostics.push(diagnosticAt(before.span, remark));
  }
  return first ? before : node;
}

function overridden(before: SourceNode, { keyword, values }: SourceNode, which: string): Remark {
  const value = values.map(({ text }) => text).join(" ");
  const message = `${quote(before.keyword)} is set again below, to ${quote(`${keyword} ${value}`.trim())}, and ${which}`;
  return { code: "overridden-keyword", message, hint: "keep one of them" };
}
