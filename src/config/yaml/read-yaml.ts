import { type Diagnostic, hasErrors } from "../diagnostics.ts";
import type { IncludeRequest } from "../include/include.ts";
import { yamlTable } from "../keywords/defaults.ts";
import type { ReadContext } from "../read-context.ts";
import type { Source } from "../source.ts";
import type { SourceNode } from "../source-tree.ts";
import { applyDefaults } from "./defaults.ts";
import { documentOf } from "./document.ts";
import { remarkOnKeepalivedSyntax } from "./keepalived-syntax.ts";
import { treeOf } from "./tree.ts";

/** What a text means. Without nodes there is nothing to go on with; with them there may be remarks all the same. */
export interface ReadYaml {
  readonly nodes: readonly SourceNode[];
  readonly diagnostics: readonly Diagnostic[];
  /** The text, and those of the files that it includes. */
  readonly sources: readonly Source[];
  /** Files to look up and give in `included`; the rest means something only when there is none. */
  readonly missing: readonly IncludeRequest[];
}

/** The YAML front end: keys are keywords, repeatable blocks are lists, a value is one word or the words of its text. `condense` says what to keep of a block of the top level, where nothing else changes it. Pure. */
export function readYaml(source: Source, context: ReadContext, condense?: (node: SourceNode) => SourceNode): ReadYaml {
  const read = readTree(source, context, condense);
  if (read.nodes.length > 0 || !hasErrors(read.diagnostics)) return applyDefaults(read);
  const keepalived = remarkOnKeepalivedSyntax(source);
  return keepalived === null ? read : { ...read, nodes: [], diagnostics: [keepalived] };
}

function readTree(source: Source, context: ReadContext, condense?: (node: SourceNode) => SourceNode): ReadYaml {
  const { top, diagnostics } = documentOf(source);
  return diagnostics.length > 0
    ? { nodes: [], diagnostics, sources: [source], missing: [] }
    : treeOf(source, top, context, yamlTable, condense);
}
