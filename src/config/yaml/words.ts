import type { Source, Span } from "../source.ts";
import type { Word } from "../source-tree.ts";
import { hasReference, replaceReferences } from "./environment.ts";
import { isNull, type YamlScalar } from "./node.ts";
import type { Reading } from "./reading.ts";

/**
 * The words of a scalar with its references to the environment replaced: its whole text, or the text split at blanks, where
 * a word that holds blanks itself stands in double quotes. Empty for null.
 */
export function wordsOf(reading: Reading, scalar: YamlScalar, split: boolean): Word[] {
  if (isNull(scalar)) return [];
  const { source } = reading;
  const { start, end } = scalar;
  const whole: Span = { source, start, end };
  const text = hasReference(scalar.text) ? replaceReferences(reading, scalar) : scalar.text;
  if (!split) return [{ text, span: whole }];
  const at = text === scalar.text ? textOffset(source, scalar) : null;
  return [...text.matchAll(/"([^"]*)"(?!\S)|\S+/g)].map(({ 0: all, 1: quoted, index }) => ({
    text: quoted ?? all,
    span: at === null ? whole : { source, start: at + index, end: at + index + all.length },
  }));
}

/** Where the text stands letter by letter; null when quotes or folding changed it. */
function textOffset({ text: all }: Source, { text, start, end }: YamlScalar): number | null {
  if (all.startsWith(text, start) && end - start === text.length) return start;
  return all.startsWith(text, start + 1) && end - start === text.length + 2 ? start + 1 : null;
}
