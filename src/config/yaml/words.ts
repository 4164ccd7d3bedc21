import type { Source, Span } from "../source.ts";
import type { Word } from "../source-tree.ts";
import { isNull, type YamlScalar } from "./node.ts";

/** The words of a scalar: its whole text, or the text split at blanks. Empty for null. */
export function wordsOf(source: Source, scalar: YamlScalar, split: boolean): Word[] {
  if (isNull(scalar)) return [];
  const { text, start, end } = scalar;
  const whole: Span = { source, start, end };
  if (!split) return [{ text, span: whole }];
  const at = textOffset(source, scalar);
  return [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
    text: word,
    span: at === null ? whole : { source, start: at + index, end: at + index + word.length },
  }));
}

/** Where the text stands letter by letter; null when quotes or folding changed it. */
function textOffset({ text: all }: Source, { text, start, end }: YamlScalar): number | null {
  if (all.startsWith(text, start) && end - start === text.length) return start;
  return all.startsWith(text, start + 1) && end - start === text.length + 2 ? start + 1 : null;
}
