import { isMap, isScalar, isSeq, type Pair, type ParsedNode, type Scalar, type YAMLMap } from "yaml";
import { type Diagnostic, diagnosticAt, type Remark } from "../diagnostics.ts";
import type { Block } from "../keywords/keyword.ts";
import { lookUp } from "../keywords/lookup.ts";
import { keywordTable } from "../keywords/table.ts";
import type { ValueType } from "../keywords/value-type.ts";
import { lineNumber, type Source, type Span } from "../source.ts";
import type { SourceNode, Word } from "../source-tree.ts";
import { Aliases } from "./aliases.ts";
import { isNull, wordsOf } from "./words.ts";

interface Reading {
  readonly source: Source;
  readonly aliases: Aliases;
  readonly diagnostics: Diagnostic[];
}

/** The source tree of a composed YAML document. */
export function treeOf(source: Source, contents: ParsedNode | null) {
  const reading: Reading = { source, aliases: new Aliases(source.text.length), diagnostics: [] };
  const top = contents === null ? null : reading.aliases.resolve(contents);
  let nodes: SourceNode[] = [];
  if (top !== null && isMap(top)) {
    nodes = childrenOf(reading, top as YAMLMap.Parsed, keywordTable);
  } else if (top !== null && !isNull(top)) {
    const message = `the file holds ${isSeq(top) ? "a list" : "a single value"}; it must be a map of keywords`;
    report(reading, spanOf(reading, top), { code: "wrong-shape", message, hint: 'start with "virtual_server:"' });
  }
  if (reading.aliases.exhausted) {
    const message = "the aliases of this file expand to too many settings";
    report(reading, { source, start: 0, end: 1 }, { code: "yaml-syntax", message });
  }
  return { nodes, diagnostics: reading.diagnostics };
}

function childrenOf(reading: Reading, map: YAMLMap.Parsed, block: Block): SourceNode[] {
  if (!reading.aliases.spend(map.items.length)) return [];
  const seen = new Map<string, Span>();
  return pairsOf(reading, map).flatMap(({ pair, merged }) => {
    const key = pair.key as ParsedNode;
    const span = spanOf(reading, key);
    if (!isScalar(key)) {
      report(reading, span, { code: "wrong-shape", message: "a keyword is a single word" });
      return [];
    }
    const word = String(key.value);
    const first = seen.get(word);
    if (first !== undefined) {
      // A merged map fills in what is not there.
      if (!merged) report(reading, span, duplicate(word, first));
      return [];
    }
    seen.set(word, span);
    return nodesOf(reading, word, span, (pair.value ?? null) as ParsedNode | null, block);
  });
}

function duplicate(word: string, first: Span): Remark {
  const line = lineNumber(first.source, first.start);
  return { code: "duplicate-keyword", message: `"${word}" stands twice in this block`, hint: `first in line ${line}` };
}

/** The pairs of a map, then those that "<<" merges in. */
function pairsOf(reading: Reading, map: YAMLMap.Parsed): { readonly pair: Pair; readonly merged: boolean }[] {
  const own = map.items.filter((pair) => !isMergeKey(pair.key)).map((pair) => ({ pair: pair as Pair, merged: false }));
  const merges = map.items.filter((pair) => isMergeKey(pair.key));
  return own.concat(merges.flatMap(({ value }) => mergedPairs(reading, value as ParsedNode | null)));
}

function mergedPairs(reading: Reading, value: ParsedNode | null): { readonly pair: Pair; readonly merged: boolean }[] {
  const target = value === null ? null : resolve(reading, value);
  if (target === null) return [];
  if (isMap(target)) {
    return reading.aliases.within(target, () =>
      pairsOf(reading, target as YAMLMap.Parsed).map(({ pair }) => ({ pair, merged: true })),
    );
  }
  if (isSeq(target)) return target.items.flatMap((item) => mergedPairs(reading, item as ParsedNode));
  report(reading, spanOf(reading, target), { code: "wrong-shape", message: '"<<" merges maps, and this is none' });
  return [];
}

function isMergeKey(key: ParsedNode): boolean {
  return isScalar(key) && key.value === "<<" && key.type === "PLAIN";
}

function nodesOf(
  reading: Reading,
  keyword: string,
  span: Span,
  given: ParsedNode | null,
  block: Block,
): readonly SourceNode[] {
  const entry = lookUp(block, keyword)?.entry;
  if (entry === undefined) return [{ keyword, values: [], children: null, span }];
  const value = given === null ? null : resolve(reading, given);
  if (entry.kind === "value") return [valueNode(reading, keyword, span, value, entry.type)];
  if (value !== null && isSeq(value)) {
    return value.items.map((item) => {
      const entryNode = resolve(reading, item as ParsedNode);
      return blockNode(
        reading,
        keyword,
        spanOfEntry(reading, entryNode ?? (item as ParsedNode)),
        entryNode,
        entry.block,
      );
    });
  }
  return [blockNode(reading, keyword, span, value, entry.block)];
}

function blockNode(reading: Reading, keyword: string, span: Span, value: ParsedNode | null, block: Block): SourceNode {
  if (value === null || isNull(value)) return { keyword, values: [], children: [], span };
  if (isMap(value)) return { keyword, values: [], children: childrenOf(reading, value as YAMLMap.Parsed, block), span };
  const values = isScalar(value) ? wordsOf(reading.source, value as Scalar.Parsed, false) : [];
  return { keyword, values, children: null, span };
}

function valueNode(
  reading: Reading,
  keyword: string,
  span: Span,
  value: ParsedNode | null,
  type: ValueType<unknown>,
): SourceNode {
  const leaf = (values: readonly Word[]): SourceNode => ({ keyword, values, children: null, span });
  const words = (scalar: ParsedNode) => wordsOf(reading.source, scalar as Scalar.Parsed, type.shape === "words");
  if (value === null || isNull(value)) return leaf([]);
  if (isScalar(value)) return leaf(words(value));
  if (isMap(value) && type.fields !== undefined) return leaf(fieldWords(reading, value as YAMLMap.Parsed, type.fields));
  if (isSeq(value)) {
    const items = value.items.map((item) => resolve(reading, item as ParsedNode));
    if (items.every((item) => item !== null && isScalar(item)))
      return leaf(items.flatMap((item) => words(item as ParsedNode)));
  }
  // Neither one value nor a list of some: whoever reads the tree refuses a block here.
  return { keyword, values: [], children: [], span };
}

/** The words of a value that is given as a map: {address: 10.0.0.9, port: 80}. */
function fieldWords(reading: Reading, map: YAMLMap.Parsed, fields: readonly string[]): Word[] {
  const byField = new Map<string, Word>();
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value) : "";
    const target = value === null ? null : resolve(reading, value as ParsedNode);
    if (!fields.includes(name)) {
      const message = `"${name}" does not belong here; it has ${fields.join(" and ")}`;
      report(reading, spanOf(reading, key), { code: "unknown-keyword", message });
    } else if (target !== null && isScalar(target)) {
      const [word] = wordsOf(reading.source, target as Scalar.Parsed, false);
      if (word !== undefined) byField.set(name, word);
    }
  }
  const present = fields.filter(
    (field, index) => byField.has(field) && fields.slice(0, index).every((each) => byField.has(each)),
  );
  return present.map((field) => byField.get(field) as Word);
}

function resolve(reading: Reading, node: ParsedNode): ParsedNode | null {
  const target = reading.aliases.resolve(node);
  if (target === null) {
    report(reading, spanOf(reading, node), {
      code: "yaml-syntax",
      message: "no anchor of this name stands before the alias",
      hint: "an anchor is set with &name where the block is written first",
    });
  }
  return target;
}

function spanOf({ source }: Reading, node: ParsedNode): Span {
  return { source, start: node.range[0], end: node.range[1] };
}

/** An entry of a list is shown by its first keyword. */
function spanOfEntry(reading: Reading, node: ParsedNode): Span {
  const first = isMap(node) ? (node.items[0]?.key as ParsedNode | undefined) : undefined;
  return spanOf(reading, first ?? node);
}

function report(reading: Reading, span: Span, remark: Remark): void {
  reading.diagnostics.push(diagnosticAt(span, remark));
}
