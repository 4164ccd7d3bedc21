import { type Diagnostic, diagnosticAt, type Remark } from "../diagnostics.ts";
import {
  directoryOf,
  type IncludeChecks,
  type IncludeRequest,
  includeKey,
  noChecks,
  selectIncluded,
} from "../include/include.ts";
import type { ReadContext } from "../read-context.ts";
import type { Source, Span } from "../source.ts";
import { isContinued, uncomment } from "./comment.ts";
import { conditionalRest } from "./condition.ts";
import { allChecks, includeIn } from "./include-line.ts";
import { leftReferences } from "./left-references.ts";
import { generatedLine, type Line, lineOf, placeIn, sliceLine, spanIn } from "./line.ts";
import { definitionIn, Parameters } from "./parameters.ts";
import { Random } from "./random.ts";
import { MOST_TURNS, parseSequence, type Sequence } from "./sequence.ts";

/** Lines beyond those of the files that sequences and parameters may add up to. */
const MOST_LINES = 1_500_000;
const MOST_NESTED = 200;

interface FileFrame {
  readonly kind: "file";
  readonly source: Source;
  readonly checks: IncludeChecks;
  next: number;
}

type Frame =
  | FileFrame
  | { readonly kind: "lines"; readonly lines: readonly Line[]; next: number }
  | { readonly kind: "sequence"; readonly sequence: Sequence; readonly span: Span; readonly rest: Line; next: number };

/** The logical lines of a configuration: comments gone, conditions met, parameters replaced, sequences and includes unrolled. */
export class LineReader {
  readonly diagnostics: Diagnostic[] = [];
  /** The files that were read, each once. */
  readonly sources: Source[] = [];
  /** Files that must be looked up before the reading can be complete. */
  readonly missing: IncludeRequest[] = [];
  /** True when the text expands to more than can be meant: what was read is of no use. */
  exhausted = false;
  private readonly context: ReadContext;
  private readonly parameters = new Parameters();
  private readonly frames: Frame[] = [];
  private readonly opened = new Set<Source>();
  private random: Random;
  private checks = noChecks;
  private left = MOST_LINES;

  constructor(source: Source, context: ReadContext) {
    this.context = context;
    this.random = new Random(context.seed);
    if (context.allIncludes === true) this.checks = allChecks;
    this.#open(source);
  }

  get includeChecks(): IncludeChecks {
    return this.checks;
  }

  set includeChecks(checks: IncludeChecks) {
    this.checks = checks;
  }

  set randomSeed(seed: number) {
    this.random = new Random(seed);
  }

  /** The next line that holds a setting or a brace; null at the end. */
  next(): Line | null {
    while (!this.exhausted) {
      const frame = this.frames.at(-1);
      if (frame === undefined) return null;
      const line = this.#nextOf(frame);
      if (line === null) this.#close();
      else if (line.text !== "") {
        const meant = this.#expand(line);
        if (meant !== null) return meant;
      }
    }
    return null;
  }

  #nextOf(frame: Frame): Line | null {
    if (frame.kind === "file") return this.#settingLine(frame);
    if (frame.kind === "lines") return this.#counted(frame.lines[frame.next++] ?? null, frame);
    const { sequence, span, rest } = frame;
    if (frame.next >= sequence.count) return null;
    const values = sequence.values(frame.next++);
    for (const [index, name] of sequence.names.entries())
      this.parameters.define(name, [generatedLine(values[index] ?? "", span)]);
    return this.#counted(rest, frame);
  }

  #settingLine(frame: FileFrame): Line | null {
    const physical = this.#physicalLine(frame);
    if (physical?.lone === true) this.#reportContinued(physical.line);
    return physical?.line ?? null;
  }

  #counted(line: Line | null, frame: Frame): Line | null {
    if (--this.left >= 0 || line === null) return line;
    const span = frame.kind === "sequence" ? frame.span : spanIn(line, 0, line.text.length);
    this.#exhaust(span.usedAt ?? span);
    return null;
  }

  #exhaust(span: Span): void {
    this.exhausted = true;
    const message = "sequences and parameters make too many lines";
    const hint = `at most ${MOST_LINES} lines may come from them, ${MOST_TURNS} from one ~SEQ`;
    this.#report(span, { code: "expansion-too-large", message, hint });
  }

  /** The next line of the file without its comment; null at the end. */
  #physicalLine(
    frame: FileFrame,
  ): { readonly line: Line; readonly continued: boolean; readonly empty: boolean; readonly lone: boolean } | null {
    const { source } = frame;
    const start = source.lineStarts[frame.next++];
    if (start === undefined) return null;
    const behind = source.lineStarts[frame.next];
    const end = behind === undefined ? source.text.length : behind - 1;
    const raw = source.text.slice(start, end);
    const { start: from, end: to, continued, openQuote } = uncomment(raw);
    if (openQuote !== null) {
      const span = { source, start: start + openQuote, end: start + to };
      const hint = "a quoted text ends on its line";
      this.#report(span, { code: "unclosed-quote", message: "this quote is never closed", hint });
    }
    // A backslash with nothing before it is a word of its own.
    const lone = continued && raw.trim() === "\\";
    const line = lineOf(source, start + from, start + to);
    return { line, continued, empty: raw === "" || raw === "\r", lone };
  }

  /** Does what a line asks for; what is left of it is a line of settings. */
  #expand(written: Line): Line | null {
    let line = written;
    for (let round = 0; round < MOST_NESTED; round++) {
      if (line.text.startsWith("@")) {
        const rest = conditionalRest(line.text, this.context.configId);
        if (rest === null) return null;
        line = sliceLine(line, rest);
      }
      if (line.text.startsWith("$") && this.#define(line)) return null;
      if (line.text.startsWith("~") && this.#startSequence(line)) return null;
      if (!line.text.includes("$")) return this.#setting(line);
      const replaced = this.parameters.replace(line, this.#predefined());
      if ("message" in replaced) {
        const { message, hint, start, end } = replaced;
        this.#report(spanIn(line, start, end), { code: "invalid-expansion", message, hint });
        return null;
      }
      if (replaced.more.length > 0 && !this.#push({ kind: "lines", lines: replaced.more, next: 0 }, line)) return null;
      if (replaced.line === line) return this.#setting(line);
      line = replaced.line;
    }
    return null;
  }

  #predefined() {
    const { configId, environment } = this.context;
    return { configId, environment, directory: this.#directory(), random: this.random };
  }

  /** Takes in `$NAME=value`, and the lines that it goes on in. */
  #define(line: Line): boolean {
    const definition = definitionIn(line.text);
    if (definition === null) return false;
    const value = [sliceLine(line, definition.valueStart)];
    const file = this.frames.at(-1);
    if (file?.kind === "file" && this.#isContinued(file)) value.push(...this.#continuation(file));
    const [first, ...more] = value;
    const lines = more.length === 0 ? value : value.filter(({ text }) => text !== "");
    this.parameters.define(definition.name, lines.length === 0 && first !== undefined ? [first] : lines);
    return true;
  }

  #isContinued({ source, next }: FileFrame): boolean {
    const start = source.lineStarts[next - 1] ?? 0;
    return isContinued(source.text.slice(start, (source.lineStarts[next] ?? source.text.length + 1) - 1));
  }

  #continuation(file: FileFrame): Line[] {
    const lines: Line[] = [];
    for (;;) {
      const physical = this.#physicalLine(file);
      if (physical === null || physical.empty) return lines;
      lines.push(physical.line);
      // A comment between the lines does not end the definition.
      if (!physical.continued && physical.line.text !== "") return lines;
    }
  }

  #startSequence(line: Line): boolean {
    const parameters = this.parameters.replace(sequenceHead(line), this.#predefined());
    const head = "message" in parameters ? sequenceHead(line) : parameters.line;
    const sequence = parseSequence(head.text);
    if (sequence === null) return false;
    const span = placeIn(line, 0, sequenceHead(line).text.length);
    if ("message" in sequence) {
      this.#report(span, { code: "invalid-expansion", message: sequence.message, hint: sequence.hint });
      return true;
    }
    if (sequence.count > MOST_TURNS) {
      this.#exhaust(span);
      return true;
    }
    const rest = sliceLine(line, restOfSequence(line));
    if (rest.text !== "") this.#push({ kind: "sequence", sequence, span, rest, next: 0 }, line);
    return true;
  }

  #setting(line: Line): Line | null {
    const frame = this.frames.at(-1);
    if (frame?.kind === "file" && line.text !== "" && this.#isContinued(frame)) this.#reportContinued(line);
    for (const { start, end, ...remark } of leftReferences(line.text, (name) => this.parameters.isDefined(name)))
      this.#report(spanIn(line, start, end), { code: "undefined-parameter", ...remark });
    const include = includeIn(line.text);
    if (include === null) return line.text === "" ? null : line;
    this.#include(line, include);
    return null;
  }

  #reportContinued(line: Line): void {
    const hint = "leave the backslash out: a setting ends with its line";
    const message = "only the value of a parameter goes on in the next line";
    this.#report(spanIn(line, 0, line.text.length), { code: "invalid-expansion", message, hint });
  }

  #include(
    line: Line,
    { checks, pattern }: { readonly checks: Partial<IncludeChecks>; readonly pattern: string },
  ): void {
    const request = { directory: this.#directory(), pattern };
    const matches = this.context.included.get(includeKey(request));
    if (matches === undefined) {
      this.missing.push(request);
      return;
    }
    const span = spanIn(line, 0, line.text.length);
    const { sources, diagnostics } = selectIncluded(matches, pattern, { ...this.checks, ...checks }, span);
    this.diagnostics.push(...diagnostics);
    for (const source of sources.toReversed()) {
      const loop = this.frames.find((frame) => frame.kind === "file" && frame.source.file === source.file);
      if (loop !== undefined || this.frames.length >= MOST_NESTED) {
        const message = `${source.file} is being read already: including it here would never end`;
        const at = this.frames.map((frame) => (frame.kind === "file" ? frame.source.file : null));
        const way = at.filter((file) => file !== null).join(" -> ");
        this.#report(span, { code: "include-loop", message, hint: `${way} -> ${source.file}` });
      } else this.#open(source);
    }
  }

  #open(source: Source): void {
    if (!this.opened.has(source)) this.sources.push(source);
    this.opened.add(source);
    this.frames.push({ kind: "file", source, checks: this.checks, next: 0 });
  }

  #close(): void {
    const frame = this.frames.pop();
    // What a file changes of include_check ends with it.
    if (frame?.kind === "file") this.checks = frame.checks;
  }

  #push(frame: Frame, line: Line): boolean {
    if (this.frames.length < MOST_NESTED) {
      this.frames.push(frame);
      return true;
    }
    const message = "parameters of several lines are nested without end";
    this.#report(spanIn(line, 0, line.text.length), { code: "invalid-expansion", message });
    this.exhausted = true;
    return false;
  }

  #directory(): string {
    for (const frame of this.frames.toReversed()) if (frame.kind === "file") return directoryOf(frame.source.file);
    return ".";
  }

  #report(span: Span, remark: Remark): void {
    this.diagnostics.push(diagnosticAt(span, remark));
  }
}

/** `~SEQ(...)` without what follows; its parentheses hold none. */
function sequenceHead(line: Line): Line {
  const close = line.text.indexOf(")");
  return close < 0 ? line : sliceLine(line, 0, close + 1);
}

function restOfSequence(line: Line): number {
  const behind = sequenceHead(line).text.length;
  return behind + (/^[ \t]*/.exec(line.text.slice(behind))?.[0].length ?? 0);
}
