import { RE2JS } from "re2js";
import type { BodyPattern } from "../check.ts";

/** Searches a whole body; in time linear to its length. */
export type BodySearch = (body: Buffer) => boolean;

/** The first match, in characters: without utf those are octets. */
export type FindInBody = (body: Buffer) => { readonly start: number; readonly end: number } | null;

export type CompiledPattern =
  | { readonly ok: true; readonly search: BodySearch; readonly find: FindInBody }
  /** `message` completes "the regular expression". */
  | { readonly ok: false; readonly message: string };

const compiled = new WeakMap<BodyPattern, CompiledPattern>();

/** The search for a pattern, compiled once; not ok when RE2 has no such thing (docs/decisions/0012-regex-engine.md). */
export function compileBodyPattern(pattern: BodyPattern): CompiledPattern {
  let known = compiled.get(pattern);
  if (known === undefined) {
    known = compile(pattern);
    compiled.set(pattern, known);
  }
  return known;
}

function compile({ regex, options, minOffset, maxOffset }: BodyPattern): CompiledPattern {
  const utf = options.includes("utf");
  // Without utf PCRE2 compares octets: one character for each.
  const encoding = utf ? "utf8" : "latin1";
  const source = utf ? regex : Buffer.from(regex, "utf8").toString("latin1");
  let program: RE2JS;
  try {
    program = RE2JS.compile(toRe2(source, options), flagsOf(options));
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  const firstLineOnly = options.includes("firstline");
  const find: FindInBody = (body) => {
    if (minOffset > body.length) return null;
    const text = body.toString(encoding);
    const from = utf ? body.toString(encoding, 0, minOffset).length : minOffset;
    const matcher = program.matcher(text);
    if (!matcher.find(from)) return null;
    const start = matcher.start();
    // The first match is the leftmost: when it begins too late all do.
    if (maxOffset !== null && (utf ? Buffer.byteLength(text.slice(0, start)) : start) > maxOffset) return null;
    if (firstLineOnly && text.slice(from, start).includes("\n")) return null;
    return { start, end: matcher.end() };
  };
  return { ok: true, find, search: (body) => find(body) !== null };
}

function flagsOf(options: BodyPattern["options"]): number {
  return (
    (options.includes("caseless") ? RE2JS.CASE_INSENSITIVE : 0) |
    (options.includes("dotall") ? RE2JS.DOTALL : 0) |
    (options.includes("multiline") ? RE2JS.MULTILINE : 0)
  );
}

/** The end of the text, or the line feed before it: what PCRE2 means by \Z, and by $ unless told otherwise. */
const BEFORE_LAST_LINE_FEED = "(?:\\n?\\z)";

/** What PCRE2 writes otherwise than RE2, or means by it. */
const escapes: Record<string, string> = {
  Z: BEFORE_LAST_LINE_FEED,
  h: "[ \\t]",
  H: "[^ \\t]",
  N: "[^\\n]",
  R: "(?:\\r\\n|[\\n\\r\\f\\x0b])",
};

function toRe2(source: string, options: BodyPattern["options"]): string {
  const extended = options.includes("extended");
  const dollar = options.includes("multiline")
    ? "$"
    : options.includes("dollar_endonly")
      ? "\\z"
      : BEFORE_LAST_LINE_FEED;
  let result = options.includes("ungreedy") ? "(?U)" : "";
  for (let at = 0; at < source.length; ) {
    const piece = nextPiece(source, at);
    at += piece.length;
    if (extended && piece === "#") {
      const lineFeed = source.indexOf("\n", at);
      at = lineFeed < 0 ? source.length : lineFeed + 1;
    } else if (extended && /^\s$/.test(piece)) continue;
    else if (piece === "$") result += dollar;
    else result += (piece.length === 2 && piece[0] === "\\" && escapes[piece[1] as string]) || piece;
  }
  return result;
}

/** A class, a quotation, an escape or a single character. */
function nextPiece(source: string, at: number): string {
  if (source.startsWith("\\Q", at)) {
    const end = source.indexOf("\\E", at);
    return end < 0 ? source.slice(at) : source.slice(at, end + 2);
  }
  if (source[at] === "\\") return source.slice(at, at + 2);
  if (source[at] !== "[") return source[at] as string;
  // A "]" right behind the bracket, or behind "[^", is one of the class; so are those of [:names:].
  const match = /^\[\^?\]?(?:\[:\^?[a-z]+:\]|\\[\s\S]|[^\]\\])*\]/.exec(source.slice(at));
  return match === null ? "[" : match[0];
}
