import { escapeReferences } from "../yaml/environment.ts";

/** What YAML reads as the text that stands there, in block style: printable ASCII, ":" and "#" only where they mean nothing. */
const PLAIN = /^[A-Za-z0-9./_](?:[!-"$-9;-~#]|:(?=[!-~]))*(?: [!-"$-9;-~](?:[!-"$-9;-~#]|:(?=[!-~]))*)*$/;
/** Where brackets and commas mean something. */
const PLAIN_IN_LIST = /^[A-Za-z0-9./_][A-Za-z0-9./_@%+=-]*$/;
/** What YAML's core schema takes for something else than text: it would be written back in another way. */
const OTHERWISE = /^(?:null|Null|NULL|True|TRUE|False|FALSE|\.(?:inf|Inf|INF|nan|NaN|NAN)|[0-9]+(?:_[0-9]+)+)$/;

function isOddNumber(text: string): boolean {
  return /^[.0-9]/.test(text) && !Number.isNaN(Number(text)) && String(Number(text)) !== text;
}

/** A text as a scalar of YAML on one line, quoted where that is needed. */
export function yamlScalar(text: string, style: "block" | "list" = "block"): string {
  const escaped = escapeReferences(text);
  const plain = style === "block" ? PLAIN : PLAIN_IN_LIST;
  if (plain.test(escaped) && !OTHERWISE.test(escaped) && !isOddNumber(escaped)) return escaped;
  if (/^[ !#-[\]-~]*$/.test(escaped)) return `"${escaped}"`;
  if (/^[ -&(-~]*$/.test(escaped)) return `'${escaped}'`;
  return doubleQuoted(escaped);
}

/** With escapes: those of JSON are YAML's, too. What is not printable in YAML 1.2 (section 5.1) is escaped as well. */
function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Words as one text that is split at its blanks again. */
export function yamlWords(words: readonly string[]): string {
  return yamlScalar(words.map((word) => (/^$|^"|\s/.test(word) ? `"${word}"` : word)).join(" "));
}
