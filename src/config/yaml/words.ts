import { isScalar, type ParsedNode, type Scalar } from "yaml";
import type { Source, Span } from "../source.ts";
import type { Word } from "../source-tree.ts";

const nulls: readonly string[] = ["", "~", "null", "Null", "NULL"];

/** YAML's null: nothing, "~" or "null" without quotes. */
export function isNull(node: ParsedNode): boolean {
  return (
    isScalar(node) && (node.type === "PLAIN" || node.type === undefined) && nulls.includes(String(node.value ?? ""))
  );
}

/** The words of a scalar: its whole text, or the text split at blanks. Empty for null. */
export function wordsOf(source: Source, scalar: Scalar.Parsed, split: boolean): Word[] {
  if (isNull(scalar)) return [];
  const text = String(scalar.value);
  const [start, end] = scalar.range;
  const whole: Span = { source, start, end };
  if (!split) return [{ text, span: whole }];
  const at = textOffset(source, start, end, text);
  return [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
    text: word,
    span: at === null ? whole : { source, start: at + index, end: at + index + word.length },
  }));
}

/** Where the text stands letter by letter; null when quotes or folding changed it. */
function textOffset({ text: all }: Source, start: number, end: number, text: string): number | null {
  if (all.startsWith(text, start) && end - start === text.length) return start;
  return all.startsWith(text, start + 1) && end - start === text.length + 2 ? start + 1 : null;
}
