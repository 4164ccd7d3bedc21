import { generatedLine, joinLines, type Line, lineOfValue, placeIn, sliceLine, usedLine } from "./line.ts";
import { type Predefined, predefinedValue } from "./predefined.ts";

/** Rounds of replacing in one line; `$A` inside the value of `$B` takes one more. */
const MOST_ROUNDS = 64;
/** Longest line that parameters may make; keepalived cuts at 1024 octets. */
const LONGEST_LINE = 8192;

const REFERENCE = /\$\{(_[A-Z]+) +([^{}]*)\}|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)]|$)/g;
const DEFINITION = /^\$([A-Za-z_][A-Za-z0-9_]*)=/;

/** A line with its parameters replaced, and the further lines when the value at its end runs over several. */
export interface Replaced {
  readonly line: Line;
  readonly more: readonly Line[];
}

export interface ReplaceProblem {
  readonly message: string;
  readonly hint: string | null;
  readonly start: number;
  readonly end: number;
}

/** The name that a line defines (`$NAME=value`) and where its value starts; null for other lines. */
export function definitionIn(text: string): { readonly name: string; readonly valueStart: number } | null {
  const match = DEFINITION.exec(text);
  return match === null ? null : { name: match[1] as string, valueStart: match[0].length };
}

/** What is defined at this point of the file. A value is replaced where it is used, not where it is defined. */
export class Parameters {
  private readonly values = new Map<string, readonly Line[]>();

  /** A value of one line, or of several. */
  define(name: string, value: readonly Line[]): void {
    this.values.set(name, value);
  }

  isDefined(name: string): boolean {
    return this.values.has(name);
  }

  /** Replaces until nothing is left that is defined; what is not defined stays as it is. */
  replace(line: Line, predefined: Predefined): Replaced | ReplaceProblem {
    let current = line;
    for (let round = 0; round < MOST_ROUNDS && current.text.length <= LONGEST_LINE; round++) {
      const next = this.#replaceOnce(current, predefined);
      if (next === null) return { line: current, more: [] };
      if ("message" in next) return next;
      if (next.more.length > 0) return next;
      current = next.line;
      // Conditions, definitions and sequences come first; the line is given back when it has become one of them.
      if (/^[@~]|^\$[A-Za-z_][A-Za-z0-9_]*=/.test(current.text)) return { line: current, more: [] };
    }
    const start = Math.max(0, line.text.indexOf("$"));
    const hint = "the value of a parameter must not lead back to the parameter";
    return { message: "parameters expand without end", hint, start, end: line.text.length };
  }

  /** Null when there is nothing to replace. */
  #replaceOnce(line: Line, predefined: Predefined): Replaced | ReplaceProblem | null {
    const parts: Line[] = [];
    let done = 0;
    for (const match of line.text.matchAll(REFERENCE)) {
      const { index: start } = match;
      const end = start + match[0].length;
      const reference = placeIn(line, start, end);
      const name = match[1] ?? match[3] ?? match[4] ?? "";
      const value = this.values.get(name) ?? predefinedValue(name, match[2] ?? "", predefined);
      if (value === null) continue;
      if ("problem" in value) return { message: value.problem, hint: value.hint, start, end };
      parts.push(sliceLine(line, done, start));
      done = end;
      if (typeof value === "object" && "text" in value) {
        parts.push(usedLine(generatedLine(value.text as string, reference), reference));
        continue;
      }
      const [first, ...more] = value as readonly Line[];
      if (first !== undefined && more.length === 0) parts.push(usedLine(first, reference));
      if (more.length === 0) continue;
      if (end < line.text.length) {
        const message = `$${name} has several lines, so nothing can follow it on this one`;
        return { message, hint: null, start, end };
      }
      const lines = value as readonly Line[];
      const head = joinLines(...parts, lineOfValue(lines[0] as Line, reference));
      return { line: head, more: lines.slice(1).map((each) => lineOfValue(each, reference)) };
    }
    return parts.length === 0 ? null : { line: joinLines(...parts, sliceLine(line, done)), more: [] };
  }
}
