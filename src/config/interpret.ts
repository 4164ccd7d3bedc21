import type { ZodType, z } from "zod";
import { type Diagnostic, diagnosticAt, type Remark } from "./diagnostics.ts";
import { type Block, blockName, type Entry, infoOf, type Keyword } from "./keywords/keyword.ts";
import { homesOf, type KnownKeyword, lookUp, lookUpUnsupported, suggestKeyword } from "./keywords/lookup.ts";
import { type RefusedValue, wordsSchema } from "./keywords/schema.ts";
import { type Config, keywordTable } from "./keywords/table.ts";
import type { ValueType } from "./keywords/value-type.ts";
import { flag } from "./keywords/values/flag.ts";
import { follow, locate, nodesNamed, type Path } from "./locate.ts";
import { quote } from "./quote.ts";
import type { Span } from "./source.ts";
import type { SourceNode } from "./source-tree.ts";
import { remarkOnMissing, remarkOnValue } from "./value-remarks.ts";

/** By block; made when the block is first met, for most configurations have few of them. */
const schemas = new Map<Block, ZodType>();

function schemaOf(block: Block): ZodType {
  const schema = schemas.get(block) ?? wordsSchema(block);
  schemas.set(block, schema);
  return schema;
}

/** A block with the words of its values, as the schema takes it. */
type Raw = { [keyword: string]: readonly string[] | Raw | Raw[] };

/** Reads a source tree by the keyword table. Pure; what has errors is left out of the Config and said. */
export function interpret(nodes: readonly SourceNode[]): {
  readonly config: Config;
  readonly diagnostics: Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const accepted = acceptedChildren(nodes, keywordTable, diagnostics);
  const written = Map.groupBy(accepted, ({ name }) => name);
  const config = Object.entries(keywordTable.entries).map(([name, entry]) => {
    const children = (written.get(name) ?? []).map(({ child }) => child);
    return [name, interpretTop(children, entry, diagnostics)];
  });
  return { config: Object.fromEntries(config) as Config, diagnostics: saidOnce(diagnostics) };
}

function interpretTop(nodes: readonly SourceNode[], entry: Entry, diagnostics: Diagnostic[]): unknown {
  if (entry.kind === "value") return interpretValue(nodes, entry.type, diagnostics);
  const blocks = interpretAll(nodes, entry.block, diagnostics);
  return entry.repeatable ? blocks : (blocks[0] ?? {});
}

/** What is true of a keyword wherever it stands is said where it stands first, not ten thousand times. */
function saidOnce(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const said = new Set<string>();
  return diagnostics.filter(({ code, message }) => {
    if (code !== "deprecated" && code !== "no-effect" && code !== "unsupported-keyword") return true;
    return said.size !== said.add(message).size;
  });
}

/** One entry for each node that is a block, as `blocksNamed` counts them. */
function interpretAll(nodes: readonly SourceNode[], block: Block, diagnostics: Diagnostic[]): unknown[] {
  return nodes.flatMap((node) => {
    const interpreted = interpretBlock(node, block, diagnostics);
    return node.children === null ? [] : [interpreted];
  });
}

/** Null when it has errors; that something is not supported is none of these. */
function interpretBlock(node: SourceNode, block: Block, diagnostics: Diagnostic[]): unknown {
  const before = diagnostics.length;
  const raw = rawBlock(node, block, diagnostics);
  if (raw === null) return null;
  const parsed = schemaOf(block).safeParse(raw);
  const children = node.children ?? [];
  for (const issue of parsed.error?.issues ?? []) {
    const remark = remarkOnIssue(children, block, issue);
    if (remark === null) continue;
    diagnostics.push(diagnosticAt(locate(children, block, pathOf(issue), wordOf(issue)) ?? node.span, remark));
  }
  const failed = diagnostics
    .slice(before)
    .some(({ severity, code }) => severity === "error" && code !== "unsupported-keyword");
  return parsed.success && !failed ? parsed.data : null;
}

function rawBlock(node: SourceNode, block: Block, diagnostics: Diagnostic[]): Raw | null {
  if (node.children === null) {
    report(diagnostics, node.values[0]?.span ?? node.span, remarkOnNoBlock(node, block));
    return null;
  }
  const raw: Raw = {};
  for (const { child, name, entry } of acceptedChildren(node.children, block, diagnostics)) {
    if (entry.kind === "value") {
      const words = valueWords(child, diagnostics);
      const before = raw[name] as readonly string[] | undefined;
      if (words !== null) raw[name] = before === undefined ? words : [...before, ...words];
      continue;
    }
    const inner = rawBlock(child, entry.block, diagnostics);
    if (inner === null) continue;
    if (entry.repeatable) (raw[name] as Raw[] | undefined)?.push(inner);
    raw[name] ??= entry.repeatable ? [inner] : inner;
  }
  return raw;
}

/** The value of a setting at the top level, whose words may stand in several places; undefined when it has none. */
function interpretValue(nodes: readonly SourceNode[], type: ValueType<unknown>, diagnostics: Diagnostic[]): unknown {
  const [first] = nodes;
  const words = nodes.flatMap((node) => valueWords(node, diagnostics) ?? []);
  if (first === undefined || nodes.some(({ children }) => children !== null)) return undefined;
  const parsed = type.parse(words);
  if (parsed.ok) return parsed.value;
  const values = nodes.flatMap((node) => node.values);
  const span = values[parsed.word]?.span ?? values[0]?.span ?? first.span;
  report(diagnostics, span, remarkOnValue(first.keyword, type, words, parsed));
  return undefined;
}

function valueWords(node: SourceNode, diagnostics: Diagnostic[]): readonly string[] | null {
  if (node.children === null) return node.values.map(({ text }) => text);
  const message = `${node.keyword} takes a value, not a block or a list of blocks`;
  report(diagnostics, node.span, { code: "wrong-shape", message });
  return null;
}

interface AcceptedChild {
  readonly child: SourceNode;
  /** In the table, whichever synonym was written. */
  readonly name: string;
  readonly entry: Entry;
}

/** The children that the block knows, each as often as it may stand there; the others are said. */
function acceptedChildren(children: readonly SourceNode[], block: Block, diagnostics: Diagnostic[]): AcceptedChild[] {
  const accepted: AcceptedChild[] = [];
  const seen = new Map<string, string>();
  for (const child of children) {
    const known = lookUp(block, child.keyword);
    const before = known === undefined ? undefined : seen.get(known.name);
    if (known === undefined) {
      report(diagnostics, child.span, remarkOnStranger(block, child.keyword));
    } else if (before !== undefined && !mayRepeat(known.entry)) {
      report(diagnostics, child.span, duplicate(child.keyword, before));
    } else {
      const { name, entry } = known;
      accepted.push({ child, name, entry });
      seen.set(name, child.keyword);
      if (before === undefined) remarkOnUse(child, known, diagnostics);
    }
  }
  return accepted;
}

/** Says once in a block what is to be said of a keyword that is accepted. */
function remarkOnUse(
  { keyword, span }: SourceNode,
  { name, entry, deprecated }: KnownKeyword,
  diagnostics: Diagnostic[],
): void {
  if (entry.lacking !== undefined) report(diagnostics, span, remarkOnPending(keyword, entry, entry.lacking));
  if (deprecated) report(diagnostics, span, { code: "deprecated", message: `"${keyword}" is the old name of ${name}` });
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
  const hint = switchedOn
    ? `leave the value out: "${keyword}:"`
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

function remarkOnStranger(block: Block, word: string): Remark {
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
    return { code: "misplaced-keyword", message, hint: `it is a keyword of ${where}` };
  }
  const named = block.entries.name?.kind === "value" && block.entries.name.row.required === true;
  const otherwise = named ? `if it is the name: "name: ${word}", with the settings beside it` : null;
  const hint = suggestion === null ? otherwise : `did you mean "${suggestion.name}"? (${suggestion.summary})`;
  return { code: "unknown-keyword", message: `${quote(word)} is not a keyword of ${blockName(block)}`, hint };
}

/** The path of an issue in our terms: zod's, without the indices of words. */
function pathOf({ path }: z.core.$ZodIssue): Path {
  return path.map((part) => (typeof part === "number" ? part : String(part)));
}

function refusedValue(issue: z.core.$ZodIssue): RefusedValue | null {
  return issue.code === "custom" && issue.params !== undefined ? (issue.params as unknown as RefusedValue) : null;
}

function wordOf(issue: z.core.$ZodIssue): number | null {
  const refused = refusedValue(issue);
  return refused === null || refused.problem.code === "missing-value" ? null : refused.problem.word;
}

/** What to say of an issue; null when the keyword stands there and was refused before. */
function remarkOnIssue(children: readonly SourceNode[], block: Block, issue: z.core.$ZodIssue): Remark | null {
  const place = follow(children, block, pathOf(issue));
  const name = place.keyword ?? "";
  const nodes = nodesNamed(place.children, place.block, name);
  const refused = refusedValue(issue);
  if (refused !== null) {
    const words = nodes.flatMap(({ values }) => values.map(({ text }) => text));
    return remarkOnValue(
      nodes[0]?.keyword ?? name,
      (place.block.entries[name] as Keyword).type,
      words,
      refused.problem,
    );
  }
  if (issue.code !== "invalid_type") throw new Error(`unexpected issue ${issue.code} at ${issue.path.join(".")}`);
  return nodes.length > 0 ? null : remarkOnMissing(place.block, name);
}

function report(diagnostics: Diagnostic[], span: Span, remark: Remark): void {
  diagnostics.push(diagnosticAt(span, remark));
}
