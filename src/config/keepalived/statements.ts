import { type Diagnostic, diagnosticAt } from "../diagnostics.ts";
import type { Block } from "../keywords/keyword.ts";
import { isUnsupported, lookUp } from "../keywords/lookup.ts";
import { keywordTable } from "../keywords/table.ts";
import { quote } from "../quote.ts";
import type { Span } from "../source.ts";
import type { Word } from "../source-tree.ts";
import { plainBraces, undefinedReferences } from "./braces.ts";
import { type Line, sliceLine, spanIn } from "./line.ts";
import { plainWords } from "./words.ts";

/** A line of settings, and the lines in its braces when it has them. */
export interface Statement {
  readonly line: Line;
  /** As most keywords take them; the first one is the keyword. */
  readonly words: readonly Word[];
  readonly keyword: string;
  readonly span: Span;
  children: Statement[] | null;
  /** The brace that closes it. */
  end?: Span;
  /** Its braces are not as they should be, which has been said: what is in it means nothing. */
  broken: boolean;
}

interface OpenBlock {
  readonly statement: Statement | null;
  readonly children: Statement[];
  /** Null for blocks that the table does not know. */
  readonly block: Block | null;
}

/** Where these begin, every block before them has ended, whatever is missing. */
const outermost = [
  "global_defs",
  "virtual_server",
  "virtual_server_group",
  "vrrp_instance",
  "vrrp_script",
  "vrrp_sync_group",
];

/** Puts lines and braces together. Pure but for what it gathers; feed it every line, then `end`. */
export class StatementParser {
  readonly diagnostics: Diagnostic[] = [];
  private readonly open: OpenBlock[] = [{ statement: null, children: [], block: keywordTable }];
  /** The statement that a brace may follow. */
  private pending: Statement | null = null;
  /** A block whose closing brace is indented like that of a block around it. */
  private suspect: Statement | null = null;
  private repaired = false;

  /** `whenSetting` hears of each setting as soon as it is read, with the block of the top level that it is in, not deeper. */
  feed(line: Line, whenSetting: (statement: Statement, topBlock: string | null) => void): void {
    for (const { start, end, brace } of plainBraces(line.text)) {
      const part = sliceLine(line, start, end);
      if (brace === "{") this.#openBrace(part);
      else if (brace === "}") this.#closeBrace(part);
      else whenSetting(this.#setting(part), this.#topBlock());
    }
  }

  /** What is complete by now, each once: the statements of the top level but for the last one, which may go on. */
  takeComplete(): readonly Statement[] {
    const { children } = this.#outermost;
    return children.length < 2 ? [] : children.splice(0, children.length - 1);
  }

  end(): readonly Statement[] {
    this.#settlePending(null);
    if (this.open.length > 1) this.#unclosed(1, "at the end of the file");
    return this.#outermost.children;
  }

  get #innermost(): OpenBlock {
    return this.open.at(-1) as OpenBlock;
  }

  get #outermost(): OpenBlock {
    return this.open[0] as OpenBlock;
  }

  #topBlock(): string | null {
    return this.open.length === 2 ? (this.#innermost.statement?.keyword ?? null) : null;
  }

  #setting(line: Line): Statement {
    const words = plainWords(line);
    const [first] = words;
    const keyword = first?.text ?? "";
    const span = first?.span ?? spanIn(line, 0, line.text.length);
    const statement: Statement = { line, words, keyword, span, children: null, broken: false };
    this.#settlePending(keyword);
    const home = this.#home(keyword);
    if (home < this.open.length - 1) this.#unclosed(home + 1, `before ${quote(keyword)}`);
    for (const { name, start, end } of line.text.includes("${") ? undefinedReferences(line.text) : []) {
      const message = `nothing is defined as ${quote(name)} here`;
      this.#report(
        spanIn(line, start, end),
        "invalid-expansion",
        message,
        "a line such as $NAME=value must stand above",
      );
      statement.broken = true;
    }
    this.#innermost.children.push(statement);
    this.pending = statement;
    return statement;
  }

  /** Which open block the keyword belongs to: the innermost, unless it opens a block of one further out. */
  #home(keyword: string): number {
    const last = this.open.length - 1;
    if (outermost.includes(keyword)) return 0;
    const { block } = this.#innermost;
    if (block === null || isKnown(block, keyword)) return last;
    const home = this.open.findLastIndex((each) => each.block !== null && blockOf(each.block, keyword) !== null);
    return home < 0 ? last : home;
  }

  /** What stands before this has no brace: an error for a block, and what follows may be meant to be in it. */
  #settlePending(next: string | null): void {
    const { pending } = this;
    this.pending = null;
    const outer = this.#innermost.block;
    if (pending === null || outer === null) return;
    const block = blockOf(outer, pending.keyword);
    const lines = block === null && next !== null && isHeadOfLines(outer, pending) && !isKnown(outer, next);
    if (block === null && !lines) return;
    const message = `${pending.keyword} is not followed by "{"`;
    const hint = `its settings stand in braces: ${quote(`${pending.line.text} {`)}`;
    this.#report(spanIn(pending.line, 0, pending.line.text.length), "missing-brace", message, hint);
    pending.broken = true;
    if (block !== null && (next === null || lookUp(block, next) === undefined || lookUp(outer, next) !== undefined))
      return;
    pending.children = [];
    this.open.push({ statement: pending, children: pending.children, block });
  }

  #openBrace(line: Line): void {
    const { pending } = this;
    this.pending = null;
    const { block } = this.#innermost;
    if (pending !== null) {
      pending.children = [];
      const inner = block === null ? null : blockOf(block, pending.keyword);
      this.open.push({ statement: pending, children: pending.children, block: inner });
      return;
    }
    this.#report(spanIn(line, 0, 1), "stray-brace", "no keyword stands before this brace", null);
    const statement: Statement = {
      line,
      words: [],
      keyword: "{",
      span: spanIn(line, 0, 1),
      children: [],
      broken: true,
    };
    this.open.push({ statement, children: [], block: null });
  }

  #closeBrace(line: Line): void {
    this.#settlePending(null);
    const span = spanIn(line, 0, 1);
    if (this.open.length === 1) {
      // After an error of braces the count means nothing.
      if (!this.repaired)
        this.#report(span, "stray-brace", "this brace closes nothing", "a brace too many, here or above");
      this.repaired = true;
      return;
    }
    const closed = this.open.pop()?.statement ?? null;
    if (closed !== null) closed.end = span;
    if (closed !== null && this.suspect === null && this.#closesOuter(span, closed)) this.suspect = closed;
  }

  /** True when the brace begins its line and is indented less than the block it closes, as much as one around it. */
  #closesOuter(brace: Span, { span }: Statement): boolean {
    const indent = indentOf(brace);
    const opened = indentOf(span);
    if (indent === null || opened === null || brace.source !== span.source || indent >= opened) return false;
    return this.open.some(({ statement }) => statement !== null && indentOf(statement.span) === indent);
  }

  /** The blocks from this depth on were never closed: one of them lacks its brace. */
  #unclosed(depth: number, where: string): void {
    const culprit = this.suspect ?? this.#innermost.statement;
    if (culprit !== null) {
      const message = `the block of ${culprit.keyword} is never closed`;
      this.#report(culprit.span, "unclosed-block", message, `its "}" is missing ${where} at the latest`);
    }
    for (const { statement } of this.open.splice(depth)) if (statement !== null) statement.broken = true;
    this.suspect = null;
    this.repaired = true;
    this.pending = null;
  }

  #report(
    span: Span,
    code: "missing-brace" | "stray-brace" | "unclosed-block" | "invalid-expansion",
    message: string,
    hint: string | null,
  ): void {
    if (code === "missing-brace") this.repaired = true;
    this.diagnostics.push(diagnosticAt(span, { code, message, hint }));
  }
}

/** A keyword that stands alone where its value is a block of lines. */
function isHeadOfLines(outer: Block, { keyword, words }: Statement): boolean {
  const entry = lookUp(outer, keyword)?.entry;
  return entry?.kind === "value" && entry.type.shape === "lines" && words.length === 1;
}

function isKnown(block: Block, keyword: string): boolean {
  return lookUp(block, keyword) !== undefined || isUnsupported(block, keyword);
}

function blockOf(block: Block, keyword: string): Block | null {
  const entry = lookUp(block, keyword)?.entry;
  return entry?.kind === "block" ? entry.block : null;
}

/** Columns before what stands first on its line; null when it does not. */
function indentOf({ source: { text }, start }: Span): number | null {
  let at = start;
  while (at > 0 && (text[at - 1] === " " || text[at - 1] === "\t")) at--;
  return at === 0 || text[at - 1] === "\n" ? start - at : null;
}
