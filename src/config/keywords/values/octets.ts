import { invalid, oneWord, type ValueType, valid } from "../value-type.ts";

const named: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "\\": "\\", '"': '"' };
const HINT = 'escapes are \\r, \\n, \\t, \\\\, \\" and \\x with two hex digits';

/**
 * What is sent or expected on a connection: text with escapes, in YAML and in keepalived.conf alike. The value is a string of
 * octets (U+0000 to U+00FF); text beyond ASCII counts as UTF-8.
 */
export const octets: ValueType<string> = {
  name: "text with escapes",
  expected: "a text, in which \\r and \\n stand for the end of a line",
  shape: "word",
  parse: oneWord((word) => {
    const value = unescaped(word);
    if (value === null) return invalid(HINT);
    return value.length > 0 && value.length <= 4096 ? valid(value) : invalid("between 1 and 4096 octets");
  }),
  format: escaped,
  input(z) {
    return z.union([z.string(), z.number()]);
  },
};

function unescaped(word: string): string | null {
  let result = "";
  for (const [piece, hex, letter] of word.matchAll(/\\(?:x([0-9a-fA-F]{2})|(.|$))|[^\\]+/gs)) {
    if (hex !== undefined) result += String.fromCharCode(Number.parseInt(hex, 16));
    else if (letter === undefined) result += Buffer.from(piece, "utf8").toString("latin1");
    else if (named[letter] === undefined) return null;
    else result += named[letter];
  }
  return result;
}

/** Printable ASCII as it is, but for what would be read otherwise: a quote ends a text of keepalived.conf, # and ! are comments. */
function escaped(value: string): string {
  return value.replace(/[^\x20-\x7e]|["\\#!]/g, (character) => {
    const name = Object.entries(named).find(([letter, meant]) => meant === character && /[rnt\\]/.test(letter));
    return name === undefined ? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}` : `\\${name[0]}`;
  });
}
