import { type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode, parseDocument, Scalar } from "yaml";
import { endOfPairs, type YamlNode } from "./node.ts";

/** The document with its errors; null when it is nested too deeply for the parser. */
export function parseYaml(text: string): Document.Parsed | null {
  try {
    // Failsafe: scalars stay text, so that no "no" becomes false or "1_0" a number before the keyword table has seen it.
    // Duplicate keys are found when the tree is made, in linear time.
    return parseDocument(text, { schema: "failsafe", uniqueKeys: false, prettyErrors: false, logLevel: "error" });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The nodes of a document without errors. A block ends with its last entry; an entry left empty is null. */
export function composeNodes(node: ParsedNode): YamlNode {
  const [start, end] = node.range;
  if (isAlias(node)) return { kind: "alias", name: node.source, start, end, anchor: null };
  const anchor = node.anchor ?? null;
  if (isMap(node)) {
    const pairs = node.items.map(({ key, value }) => ({
      key: composeNodes(key as ParsedNode),
      value: isAbsent(value) ? null : composeNodes(value as ParsedNode),
    }));
    return { kind: "map", pairs, start, end: node.flow === true ? end : endOfPairs(pairs, end), anchor };
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => composeNodes(item as ParsedNode));
    return { kind: "list", items, start, end: node.flow === true ? end : (items.at(-1)?.end ?? end), anchor };
  }
  if (!isScalar(node)) throw new Error("a node of YAML is a map, a list, a scalar or an alias");
  return { kind: "scalar", text: String(node.value ?? ""), plain: isPlain(node), start, end, anchor };
}

/** True for nothing at all behind a colon. */
function isAbsent(value: unknown): boolean {
  return value === null || (isScalar(value) && isPlain(value) && value.source === "" && value.anchor === undefined);
}

function isPlain({ type }: Scalar): boolean {
  return type === undefined || type === Scalar.PLAIN;
}
