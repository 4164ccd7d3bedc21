import { type Document, isScalar, visit, type YAMLError } from "yaml";
import { type Diagnostic, diagnosticAt, type Remark } from "../diagnostics.ts";
import type { Source, Span } from "../source.ts";

const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "YAML indents with spaces; a tab may stand only after the first word of a line",
  BAD_INDENT: "entries of one block start in the same column",
  UNEXPECTED_TOKEN: "this does not continue what stands before it",
  IMPOSSIBLE: "this does not continue what stands before it",
  TAG_RESOLVE_FAILED: "leave out the tag: the keyword says of what kind its value is",
};

/** What the parser's own words become, where these speak of grammar and not of what is written. */
const inOurWords: readonly { readonly theirs: RegExp; readonly message: string; readonly hint: string }[] = [
  {
    theirs: /without - indicator|must start at the same column/,
    message: "this line starts in a column of no block above it",
    hint: "entries of one block start in the same column",
  },
  {
    theirs: /^Implicit (?:map )?keys need to be (?:followed by map values|on a single line)/,
    message: "no colon and blank follow this keyword",
    hint: 'keyword and value stand as "keyword: value"; a long value needs quotes',
  },
  {
    theirs: /^Nested mappings are not allowed in compact mappings/,
    message: "this value is followed by a second colon, in its line or in a line that is indented further",
    hint: "the keywords of a block start in the same column; a value that holds a colon and a blank needs quotes",
  },
  {
    theirs: /^Plain value cannot start with/,
    message: "a value cannot start with this character",
    hint: 'put the value in quotes: "..."',
  },
  {
    theirs: /^(?:Flow map|Expected flow map).*end with a \}/,
    message: 'a "{" is not closed before this',
    hint: 'each "{" needs its "}", and what is in them is indented further than the keyword',
  },
  {
    theirs: /^(?:Flow sequence|Expected flow sequence|Flow collection).*end with a \]/,
    message: 'a "[" is not closed before this',
    hint: 'each "[" needs its "]", and what is in them is indented further than the keyword',
  },
];

const MOST_SYNTAX_ERRORS = 5;

/** What the YAML parser found: the first error of each line, at most five, since one mistake often has many consequences. */
export function syntaxDiagnostics(source: Source, document: Document.Parsed): Diagnostic[] {
  const lines = new Set<number>();
  return [...document.errors, ...document.warnings]
    .map((problem) => diagnosticAt(placeOf(source, document, problem), remarkOn(problem)))
    .filter(({ line }) => lines.size !== lines.add(line).size)
    .slice(0, MOST_SYNTAX_ERRORS);
}

function remarkOn(problem: YAMLError): Remark {
  const { code, message } = problem;
  if (code === "MULTIPLE_DOCS") {
    return {
      code: "multiple-documents",
      message: "a second YAML document starts here; a configuration is one document",
      hint: 'remove the line "---"',
    };
  }
  if (isUnclosedQuote(problem)) {
    return {
      code: "yaml-syntax",
      message: "the quote that opens here is never closed",
      hint: "close it where the value ends",
    };
  }
  const known = inOurWords.find(({ theirs }) => theirs.test(message));
  if (known !== undefined) return { code: "yaml-syntax", message: known.message, hint: known.hint };
  return {
    code: "yaml-syntax",
    message: message.charAt(0).toLowerCase() + message.slice(1),
    hint: hints[code] ?? null,
  };
}

/** The first character of the culprit: errors are reported at blanks before it, or where a quote should have ended. */
function placeOf(source: Source, document: Document.Parsed, problem: YAMLError): Span {
  const { text } = source;
  const [start, end] = problem.pos;
  const opening = isUnclosedQuote(problem) ? quoteAround(document, start) : null;
  if (opening !== null) return { source, start: opening, end: opening + 1 };
  let first = Math.min(start, text.length);
  // The parser stops at the blank lines before what it does not understand.
  const blanks = /[ \r\n]*/y;
  blanks.lastIndex = first;
  const behind = first + (blanks.exec(text)?.[0].length ?? 0);
  if (problem.code !== "TAB_AS_INDENT" && behind < text.length) first = behind;
  return { source, start: first, end: Math.max(first, end) };
}

function isUnclosedQuote({ code, message }: YAMLError): boolean {
  return code === "MISSING_CHAR" && /closing ["']quote/i.test(message);
}

/** Where the quoted scalar that reaches this offset begins. */
function quoteAround(document: Document.Parsed, offset: number): number | null {
  let opening: number | null = null;
  visit(document, (_key, node) => {
    if (!isScalar(node) || !node.range || !/^QUOTE/.test(String(node.type))) return;
    if (node.range[0] < offset && offset <= node.range[2]) opening = node.range[0];
  });
  return opening;
}
