import type { ZodType, z } from "zod";
import { type Diagnostic, diagnosticAt, type Remark } from "./diagnostics.ts";
import { type Block, blockName, type Entry, type Keyword } from "./keywords/keyword.ts";
import { homesOf, type KnownKeyword, lookUp, lookUpUnsupported, suggestKeyword } from "./keywords/lookup.ts";
import { virtualServer } from "./keywords/lvs.ts";
import { type RefusedValue, wordsSchema } from "./keywords/schema.ts";
import {
  type Config,
  globalDefs,
  keywordTable,
  type WrittenGlobalDefs,
  type WrittenVirtualServer,
} from "./keywords/table.ts";
import type { ValueType } from "./keywords/value-type.ts";
import { flag } from "./keywords/values/flag.ts";
import { follow, locate, nodesNamed, type Path } from "./locate.ts";
import { quote } from "./quote.ts";
import type { Span } from "./source.ts";
import type { SourceNode } from "./source-tree.ts";
import { remarkOnMissing, remarkOnValue } from "./value-remarks.ts";

const globalDefsSchema = wordsSchema(globalDefs);
const virtualServerSchema = wordsSchema(virtualServer);

/** A block with the words of its values, as the schema takes it. */
type Raw = { [keyword: string]: readonly string[] | Raw | Raw[] };

/** Reads a source tree by the keyword table. Pure; what has errors is left out of the Config and said. */
export function interpret(nodes: readonly SourceNode[]): {
  readonly config: Config;
  readonly diagnostics: Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const accepted = acceptedChildren(nodes, keywordTable, diagnostics);
  for (const { child, entry } of accepted) if (entry.kind === "value") checkValue(child, entry.type, diagnostics);
  const blocks = (wanted: string) => accepted.filter(({ name }) => name === wanted).map(({ child }) => child);
  const globals = interpretAll<WrittenGlobalDefs>(blocks("global_defs"), globalDefs, globalDefsSchema, diagnostics);
  const servers = interpretAll<WrittenVirtualServer>(
    blocks("virtual_server"),
    virtualServer,
    virtualServerSchema,
    diagnostics,
  );
  return { config: { global_defs: globals[0] ?? {}, virtual_server: servers }, diagnostics: saidOnce(diagnostics) };
}

/** What is true of a keyword wherever it stands is said where it stands first, not ten thousand times. */
function saidOnce(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const said = new Set<string>();
  return diagnostics.filter(({ code, message }) => {
    if (code !== "deprecated" && code !== "no-effect") return true;
    return said.size !== said.add(message).size;
  });
}

/** One entry for each node that is a block, as `blocksNamed` counts them. */
function interpretAll<T>(
  nodes: readonly SourceNode[],
  block: Block,
  schema: ZodType,
  diagnostics: Diagnostic[],
): (T | null)[] {
  return nodes.flatMap((node) => {
    const interpreted = interpretBlock<T>(node, block, schema, diagnostics);
    return node.children === null ? [] : [interpreted];
  });
}

function interpretBlock<T>(node: SourceNode, block: Block, schema: ZodType, diagnostics: Diagnostic[]): T | null {
  const before = diagnostics.length;
  const raw = rawBlock(node, block, diagnostics);
  if (raw === null) return null;
  const parsed = schema.safeParse(raw);
  const children = node.children ?? [];
  for (const issue of parsed.error?.issues ?? []) {
    const remark = remarkOnIssue(children, block, issue);
    if (remark === null) continue;
    diagnostics.push(diagnosticAt(locate(children, block, pathOf(issue), wordOf(issue)) ?? node.span, remark));
  }
  const failed = diagnostics.slice(before).some(({ severity }) => severity === "error");
  return parsed.success && !failed ? (parsed.data as T) : null;
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

/** What is wrong with a value that nothing comes of, as at the top level. */
function checkValue(node: SourceNode, type: ValueType<unknown>, diagnostics: Diagnostic[]): void {
  const words = valueWords(node, diagnostics);
  const parsed = words === null ? null : type.parse(words);
  if (words === null || parsed === null || parsed.ok) return;
  const span = node.values[parsed.word]?.span ?? node.values[0]?.span ?? node.span;
  report(diagnostics, span, remarkOnValue(node.keyword, type, words, parsed));
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
  if (deprecated) report(diagnostics, span, { code: "deprecated", message: `"${keyword}" is the old name of ${name}` });
  const noEffect = entry.kind === "value" ? entry.row.noEffect : undefined;
  if (noEffect !== undefined)
    report(diagnostics, span, { code: "no-effect", message: `${name} changes nothing: ${noEffect}` });
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
    const { support, reason, summary } = unsupported;
    const message = `${quote(word)} is ${support === "not_yet" ? "not supported yet" : "refused"}: ${reason}`;
    return { code: "unsupported-keyword", message, hint: support === "not_yet" ? `in keepalived: ${summary}` : null };
  }
  const suggestion = suggestKeyword(block, word);
  const homes = homesOf(word).filter((path) => path !== block.path);
  const home = homes.find((path) => block.path !== "" && path.startsWith(block.path)) ?? homes[0];
  if (home !== undefined && suggestion === null) {
    const where = home === "" ? "the top level" : home.split("/").join(" > ");
    const message = `${quote(word)} does not belong here`;
    return { code: "misplaced-keyword", message, hint: `it is a keyword of ${where}` };
  }
  const hint = suggestion === null ? null : `did you mean "${suggestion.name}"? (${suggestion.summary})`;
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
