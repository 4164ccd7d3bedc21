import type { Word } from "../source-tree.ts";
import { type Line, spanIn } from "./line.ts";

/**
 * The words of a line. Blanks separate them; a text in double quotes is one word without its quotes, and ends the word before it.
 * `\#` and `\!` stand for the characters that would start a comment; no other backslash means anything.
 */
export function plainWords(line: Line): Word[] {
  // Nearly all of them, at a third of the cost.
  if (!/["\\]/.test(line.text)) return bareWords(line);
  return [...line.text.matchAll(/"([^"]*)"?|[^\s"]+/g)].map(({ 0: all, 1: quoted, index }) => ({
    text: quoted ?? all.replace(/\\([#!])/g, "$1"),
    span: spanIn(line, index, index + all.length),
  }));
}

function bareWords(line: Line): Word[] {
  // Blanks of other scripts, too.
  if (!/^[\t -~]*$/.test(line.text)) return wordsOfAnyScript(line);
  const { text } = line;
  const words: Word[] = [];
  for (let at = 0; at < text.length; at++) {
    if (isBlank(text.charCodeAt(at))) continue;
    const start = at;
    while (at < text.length && !isBlank(text.charCodeAt(at))) at++;
    words.push({ text: text.slice(start, at), span: spanIn(line, start, at) });
  }
  return words;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function wordsOfAnyScript(line: Line): Word[] {
  const words: Word[] = [];
  const pattern = /\S+/g;
  for (let match = pattern.exec(line.text); match !== null; match = pattern.exec(line.text)) {
    const [text] = match;
    words.push({ text, span: spanIn(line, match.index, match.index + text.length) });
  }
  return words;
}

const letters: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** An escape: octal digits, hexadecimal ones, a control character, or one character. */
const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|c([?-_a-z])|([\s\S]))/y;

/**
 * The words of a line whose keyword takes a command line or an expression: quotes of both kinds may start and end inside a word,
 * and a backslash escapes as in a shell.
 */
export function escapedWords(line: Line): Word[] {
  const { text } = line;
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text[at] as string)) at++;
    if (at >= text.length) return words;
    const start = at;
    let word = "";
    let quote: string | null = null;
    while (at < text.length && (quote !== null || !/\s/.test(text[at] as string))) {
      const character = text[at] as string;
      ESCAPE.lastIndex = at;
      const escaped = character === "\\" ? ESCAPE.exec(text) : null;
      at += escaped?.[0].length ?? 1;
      if (escaped !== null) word += unescaped(escaped);
      else if (character === quote) quote = null;
      else if (quote === null && (character === '"' || character === "'")) quote = character;
      else word += character;
    }
    words.push({ text: word, span: spanIn(line, start, at) });
  }
}

function unescaped([, octal, hexadecimal, control, character = ""]: RegExpExecArray): string {
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
  if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16));
  if (control !== undefined) return String.fromCharCode(control.toUpperCase().charCodeAt(0) ^ 0x40);
  return letters[character] ?? character;
}
