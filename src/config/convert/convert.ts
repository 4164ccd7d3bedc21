import type { Diagnostic } from "../diagnostics.ts";
import type { Block } from "../keywords/keyword.ts";
import { lookUp } from "../keywords/lookup.ts";
import { keywordTable } from "../keywords/table.ts";
import { conclude, type ReadConfig, understand } from "../parse-config.ts";
import type { SourceNode } from "../source-tree.ts";
import { commentsOf, type Expansion } from "./comments.ts";
import { annotate } from "./notes.ts";
import { writeTree } from "./write-yaml.ts";

export type Conversion =
  | {
      readonly ok: true;
      readonly text: string;
      /** What is true of the keepalived.conf and can be seen in it alone: settings that stand twice, files that are missing. */
      readonly warnings: readonly Diagnostic[];
      /** How many keywords this version refuses for what it has not learnt yet; they are converted all the same. */
      readonly notYet: number;
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** A keepalived.conf as YAML, unless it has errors. Pure. */
export function convert(read: ReadConfig, file: string, configId: string): Conversion {
  const result = conclude(understand(read, file), null);
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  const notYet = diagnostics.filter(({ code }) => code === "unsupported-keyword").length;
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  // What will never be supported has no form in YAML.
  if (errors > notYet || !isKnown(read.nodes, keywordTable)) return { ok: false, diagnostics };
  const warnings = diagnostics.filter((each) => each.severity === "warning" && read.diagnostics.includes(each));
  return { ok: true, text: convertToYaml(read, configId), warnings, notYet };
}

function isKnown(nodes: readonly SourceNode[], block: Block): boolean {
  return nodes.every(({ keyword, children }) => {
    const entry = lookUp(block, keyword)?.entry;
    return entry !== undefined && (entry.kind === "value" || isKnown(children ?? [], entry.block));
  });
}

/**
 * A keepalived.conf that was read without errors, as YAML that means the same, with its comments. `configId` is the one it
 * was read for. Pure.
 */
function convertToYaml({ nodes, sources }: ReadConfig, configId: string): string {
  const commented = sources.map((source) => ({ source, ...commentsOf(source) }));
  const expansions = new Set(commented.flatMap((each) => [...each.expansions]));
  const annotations = annotate(nodes, commented);
  // YAML without a key is refused as empty: a keepalived.conf may be nothing but conditions that are not met.
  const lines = nodes.length > 0 ? writeTree(nodes, keywordTable, annotations) : ["global_defs:", ...annotations.tail];
  const head = headOf(expansions, configId);
  return `${[...head, ...(head.length > 0 && lines.length > 0 ? [""] : []), ...lines].join("\n")}\n`;
}

const names: Readonly<Record<Expansion, string>> = {
  includes: "included files are part of it",
  parameters: "parameters are replaced by their values",
  sequences: "sequences are written out",
  conditions: "",
};

/** Says what of the source is not in the result as it was written. */
function headOf(expansions: ReadonlySet<Expansion>, configId: string): string[] {
  const said = Object.entries(names).flatMap(([name, text]) =>
    expansions.has(name as Expansion) && text !== "" ? [text] : [],
  );
  if (expansions.has("conditions"))
    said.push(`lines with @ are those for the configuration id ${JSON.stringify(configId)}`);
  return said.length === 0 ? [] : ["# Converted from a keepalived.conf:", ...said.map((text) => `# - ${text}`)];
}
