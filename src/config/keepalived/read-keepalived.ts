import { type Diagnostic, diagnosticAt } from "../diagnostics.ts";
import type { IncludeRequest } from "../include/include.ts";
import { keywordTable } from "../keywords/table.ts";
import type { ReadContext } from "../read-context.ts";
import type { Source } from "../source.ts";
import type { SourceNode } from "../source-tree.ts";
import { changedChecks } from "./include-line.ts";
import { LineReader } from "./line-reader.ts";
import { type Statement, StatementParser } from "./statements.ts";
import { lastCounts, nodesOf } from "./tree.ts";

export interface ReadKeepalived {
  readonly nodes: readonly SourceNode[];
  readonly diagnostics: readonly Diagnostic[];
  /** The text, and those of the files that it includes. */
  readonly sources: readonly Source[];
  /** Files to look up and give in `included`; the rest means something only when there is none. */
  readonly missing: readonly IncludeRequest[];
}

/**
 * The front end for the language of keepalived.conf(5): the source tree that the same settings have in YAML. `condense` is shown
 * each block of the top level as soon as it is complete and says what to keep of one that may repeat. Pure.
 */
export function readKeepalived(
  source: Source,
  context: ReadContext,
  condense: (node: SourceNode) => SourceNode = (node) => node,
): ReadKeepalived {
  const yaml = remarkOnYaml(source);
  if (yaml !== null) return { nodes: [], diagnostics: [yaml], sources: [source], missing: [] };
  const reader = new LineReader(source, context);
  const parser = new StatementParser();
  const consumed = new Set<Statement>();
  const nodes: SourceNode[] = [];
  const found: Diagnostic[] = [];
  const addNodes = (statements: readonly Statement[]) => {
    for (const node of nodesOf(withoutConsumed(statements, consumed), keywordTable, found)) nodes.push(condense(node));
  };
  for (let line = reader.next(); line !== null; line = reader.next()) {
    parser.feed(line, (statement, topBlock) => {
      if (topBlock === "global_defs" && instruct(reader, statement)) consumed.add(statement);
    });
    // Block by block: lines and statements are many times what becomes of them, and cost most when they live long.
    addNodes(parser.takeComplete());
  }
  addNodes(parser.end());
  const { missing, diagnostics, exhausted, sources } = reader;
  if (exhausted || missing.length > 0) return { nodes: [], diagnostics, sources, missing };
  const kept = lastCounts(nodes, keywordTable, found);
  return { nodes: kept, diagnostics: [...parser.diagnostics, ...diagnostics, ...found], sources, missing };
}

/** Said of YAML in place of the errors that it has as keepalived.conf; null for other texts. */
function remarkOnYaml(source: Source): Diagnostic | null {
  // Sticky: at the start of the text, not of every line.
  const match = /(?:[ \t]*(?:#.*)?\r?\n)*((?:global_defs|virtual_server|defaults)[ \t]*:|---)[ \t\r]*$/my.exec(
    source.text,
  );
  const [all, first] = match ?? [];
  if (match === null || all === undefined || first === undefined) return null;
  const start = all.lastIndexOf(first);
  const message = "this is YAML, and the name of the file says keepalived.conf";
  const hint = "give the file a name that ends in .yaml";
  return diagnosticAt({ source, start, end: start + first.length }, { code: "keepalived-syntax", message, hint });
}

/** Settings that are for the reader itself: they count from where they stand. */
function instruct(reader: LineReader, { keyword, words: [, ...words], span }: Statement): boolean {
  if (keyword !== "include_check" && keyword !== "random_seed") return false;
  const texts = words.map(({ text }) => text);
  const at = words[0]?.span ?? span;
  if (keyword === "include_check") {
    const checks = changedChecks(reader.includeChecks, texts);
    if (typeof checks === "string")
      reader.diagnostics.push(diagnosticAt(at, { code: "invalid-value", message: checks }));
    else reader.includeChecks = checks;
    return true;
  }
  const [seed = ""] = texts;
  if (texts.length === 1 && /^[0-9]+$/.test(seed) && Number(seed) <= 0xffff_ffff) reader.randomSeed = Number(seed);
  else {
    const message = "random_seed takes an integer from 0 to 4294967295";
    reader.diagnostics.push(diagnosticAt(at, { code: "invalid-value", message }));
  }
  return true;
}

function withoutConsumed(statements: readonly Statement[], consumed: ReadonlySet<Statement>): readonly Statement[] {
  if (consumed.size === 0) return statements;
  return statements.map((statement) =>
    statement.children === null
      ? statement
      : { ...statement, children: statement.children.filter((child) => !consumed.has(child)) },
  );
}
