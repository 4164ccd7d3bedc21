import type { Remark } from "../diagnostics.ts";
import { yamlTable } from "../keywords/defaults.ts";
import type { Block } from "../keywords/keyword.ts";
import { lookUp } from "../keywords/lookup.ts";
import type { ValueType } from "../keywords/value-type.ts";
import { quote } from "../quote.ts";
import type { ReadContext } from "../read-context.ts";
import { lineNumber, type Source, type Span } from "../source.ts";
import type { SourceNode, Word } from "../source-tree.ts";
import { nearest } from "../suggest.ts";
import { INCLUDE, includedNodes } from "./include.ts";
import { isNull, type YamlAlias, type YamlMap, type YamlNode, type YamlPair, type YamlScalar } from "./node.ts";
import { pairsOf } from "./pairs.ts";
import { type Reading, report, resolve, spanOf, startReading } from "./reading.ts";
import { wordsOf } from "./words.ts";

/** What to keep of a node of the top level. */
type Keep = (node: SourceNode) => SourceNode;

const whole: Keep = (node) => node;

type Resolved = Exclude<YamlNode, YamlAlias>;

/** The source tree of a YAML document, whose top is null when it is empty. */
export function treeOf(
  source: Source,
  top: YamlNode | null,
  context: ReadContext,
  table: Block = yamlTable,
  condense: Keep = whole,
) {
  const reading = startReading(source, context);
  const { diagnostics, missing } = reading;
  const nodes = topNodes(reading, top === null ? null : resolve(reading, top), table, condense);
  if (reading.aliases.exhausted) {
    const message = "the aliases and includes of this file expand to too many settings";
    report(reading, { source, start: 0, end: 1 }, { code: "yaml-syntax", message });
  }
  // What is missing for want of an anchor would be said a second time.
  const failed = diagnostics.some(({ code }) => code === "yaml-syntax");
  return {
    nodes: failed ? [] : nodes,
    diagnostics,
    sources: [source, ...[...reading.documents.values()].map((document) => document.source)],
    missing: reading.aliases.exhausted ? [] : [...missing.values()],
  };
}

function topNodes(reading: Reading, top: Resolved | null, table: Block, condense: Keep): readonly SourceNode[] {
  if (top === null || isNull(top)) return [];
  if (top.kind === "map") return childrenOf(reading, top, table, changesOthers(top) ? whole : condense);
  const message = `the file holds ${top.kind === "list" ? "a list" : "a single value"}; it must be a map of keywords`;
  report(reading, spanOf(reading, top), {
    code: "wrong-shape",
    message,
    hint: 'start with a block such as "virtual_server:" or "vrrp_instance:"',
  });
  return [];
}

const addsToOthers: readonly string[] = ["defaults", INCLUDE, "<<"];

/** True for a document in which something of the top level adds to the other blocks. */
function changesOthers({ pairs }: YamlMap): boolean {
  return pairs.some(({ key }) => key.kind !== "scalar" || addsToOthers.includes(key.text));
}

function childrenOf(reading: Reading, map: YamlMap, block: Block, keep: Keep = whole): SourceNode[] {
  if (!reading.aliases.spend(map.pairs.length)) return [];
  const children: SourceNode[] = [];
  const add = (node: SourceNode) => children.push(keep(node));
  const seen = new Set<string>();
  const { own, merged } = pairsOf(reading, map);
  for (const { key, value } of own) {
    if (key.kind !== "scalar") {
      report(reading, spanOf(reading, key), { code: "wrong-shape", message: "a keyword is a single word" });
    } else if (seen.has(key.text)) {
      report(reading, spanOf(reading, key), duplicate(reading, key, own));
    } else {
      seen.add(key.text);
      addNodes(reading, key, value, block, add);
    }
  }
  for (const { key, value } of merged) {
    if (key.kind !== "scalar" || seen.has(key.text)) continue;
    seen.add(key.text);
    addNodes(reading, key, value, block, add);
  }
  return children;
}

function duplicate({ source }: Reading, { text }: YamlScalar, pairs: readonly YamlPair[]): Remark {
  const first = pairs.find(({ key }) => key.kind === "scalar" && key.text === text);
  const hint = first === undefined ? null : `first in line ${lineNumber(source, first.key.start)}`;
  return { code: "duplicate-keyword", message: `${quote(text)} stands twice in this block`, hint };
}

/** Adds what a key and its value mean: one node, or for a list of blocks one for each. */
function addNodes(
  reading: Reading,
  key: YamlScalar,
  given: YamlNode | null,
  block: Block,
  add: (node: SourceNode) => void,
): void {
  const keyword = key.text;
  if (keyword === INCLUDE) {
    for (const node of includedNodes(reading, key, given, (inner, map) => childrenOf(inner, map, block))) add(node);
    return;
  }
  const span = spanOf(reading, key);
  const entry = lookUp(block, keyword)?.entry;
  if (entry === undefined) {
    add({ keyword, values: [], children: null, span });
    return;
  }
  const value = given === null ? null : resolve(reading, given);
  if (entry.kind === "value") add(valueNode(reading, keyword, span, value, entry.type));
  else if (value?.kind !== "list" || (value.items.length === 0 && !entry.repeatable))
    add(blockNode(reading, keyword, span, value, entry.block));
  else
    for (const item of value.items) {
      const target = resolve(reading, item);
      // An entry of a list is shown by its first keyword.
      const first = target?.kind === "map" ? target.pairs[0]?.key : undefined;
      add(blockNode(reading, keyword, spanOf(reading, first ?? item), target, entry.block));
    }
}

function blockNode(reading: Reading, keyword: string, span: Span, value: Resolved | null, block: Block): SourceNode {
  if (value === null || isNull(value)) return { keyword, values: [], children: [], span };
  if (value.kind === "map") return { keyword, values: [], children: childrenOf(reading, value, block), span };
  const values = value.kind === "scalar" ? wordsOf(reading, value, false) : [];
  return { keyword, values, children: null, span };
}

function valueNode(
  reading: Reading,
  keyword: string,
  span: Span,
  value: Resolved | null,
  type: ValueType<unknown>,
): SourceNode {
  const values = value === null ? [] : valueWords(reading, value, type);
  // Neither one value nor a list of some: whoever reads the tree refuses a block here.
  return values === null ? { keyword, values: [], children: [], span } : { keyword, values, children: null, span };
}

function valueWords(reading: Reading, value: Resolved, type: ValueType<unknown>): Word[] | null {
  const split = type.shape === "words";
  if (value.kind === "scalar") return wordsOf(reading, value, split);
  if (value.kind === "map") return type.fields === undefined ? null : fieldWords(reading, value, type.fields);
  // A list of none is a mistake where there is one value.
  if (value.items.length === 0 && type.shape !== "list" && type.shape !== "lines") return null;
  const items = value.items.map((item) => resolve(reading, item));
  const scalars = items.filter((item) => item?.kind === "scalar");
  return scalars.length < items.length ? null : scalars.flatMap((item) => wordsOf(reading, item, split));
}

/** The words of a value that is given as a map: {address: 10.0.0.9, port: 80}. */
function fieldWords(reading: Reading, map: YamlMap, fields: readonly string[]): Word[] {
  const byField = new Map<string, Word>();
  const { own, merged } = pairsOf(reading, map);
  for (const { key, value } of [...merged, ...own]) {
    const name = key.kind === "scalar" ? key.text : "";
    const target = value === null ? null : resolve(reading, value);
    if (!fields.includes(name)) {
      const message = `${quote(name)} does not belong here; it has ${fields.join(" and ")}`;
      const suggestion = nearest(name, fields);
      const hint = suggestion === null ? null : `did you mean ${quote(suggestion)}?`;
      report(reading, spanOf(reading, key), { code: "unknown-keyword", message, hint });
    } else if (target?.kind === "scalar") {
      const [word] = wordsOf(reading, target, false);
      if (word !== undefined) byField.set(name, word);
    }
  }
  // A word is known by its place, so none counts behind one that is missing.
  const missing = fields.findIndex((field) => !byField.has(field));
  return fields.slice(0, missing < 0 ? fields.length : missing).map((field) => byField.get(field) as Word);
}
