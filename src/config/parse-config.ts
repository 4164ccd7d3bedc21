import { type Diagnostic, diagnosticAt, diagnosticOfFile, hasErrors, inOrder } from "./diagnostics.ts";
import { expand } from "./expand/expand.ts";
import type { Problem } from "./expand/problem.ts";
import { frontEndOf } from "./front-end.ts";
import { type IncludeMatch, type IncludeRequest, includeKey } from "./include/include.ts";
import { interpret } from "./interpret.ts";
import { readKeepalived } from "./keepalived/read-keepalived.ts";
import { keywordTable } from "./keywords/table.ts";
import { locate } from "./locate.ts";
import type { Model } from "./model.ts";
import type { ReadContext } from "./read-context.ts";
import { sourceOf } from "./source.ts";
import type { SourceNode } from "./source-tree.ts";
import { readYaml } from "./yaml/read-yaml.ts";

export type ConfigResult =
  | { readonly ok: true; readonly model: Model; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** A text as its front end reads it. */
export interface ReadConfig {
  readonly nodes: readonly SourceNode[];
  readonly diagnostics: readonly Diagnostic[];
  /** Files that it includes and that `context` does not have: without them the rest means nothing. */
  readonly missing: readonly IncludeRequest[];
}

/** A text that stands alone: nothing can be included, and no line is for a configuration id. */
export const noContext: ReadContext = { configId: "", environment: {}, seed: 0, included: new Map() };

/** The model of a configuration text, or everything that is wrong with it. Pure; `file` says the language and names the text in diagnostics. */
export function parseConfig(text: string, file: string, context: ReadContext = noContext): ConfigResult {
  const included = new Map<string, readonly IncludeMatch[]>(context.included);
  let read = readConfig(text, file, { ...context, included });
  while (read.missing.length > 0) {
    for (const request of read.missing)
      included.set(includeKey(request), [{ pattern: request.pattern, wildcard: false, files: [] }]);
    read = readConfig(text, file, { ...context, included });
  }
  return modelOf(read.nodes, read.diagnostics, file);
}

/** The source tree of a text in either language. Pure. */
export function readConfig(text: string, file: string, context: ReadContext): ReadConfig {
  // A byte order mark would shift every column of the first line.
  const source = sourceOf(file, text.startsWith("\ufeff") ? text.slice(1) : text);
  const frontEnd = frontEndOf(file, text);
  if (isBlank(text)) {
    const hint =
      frontEnd === "yaml"
        ? 'a configuration starts with "virtual_server:"; docs/configuration.md has examples'
        : 'a configuration has blocks such as "virtual_server 192.0.2.10 80 {"; docs/keepalived-conf.md has examples';
    const diagnostic = diagnosticOfFile(file, { code: "empty-file", message: "the file holds no settings", hint });
    return { nodes: [], diagnostics: [diagnostic], missing: [] };
  }
  return frontEnd === "yaml" ? { ...readYaml(source), missing: [] } : readKeepalived(source, context);
}

/** The part of the path that is the same for every front end: source tree to model. */
export function modelOf(nodes: readonly SourceNode[], found: readonly Diagnostic[], file: string): ConfigResult {
  if (nodes.length === 0 && hasErrors(found)) return { ok: false, diagnostics: inOrder(found) };
  const { config, diagnostics } = interpret(nodes);
  const { model, problems } = expand(config);
  const before = [...found, ...diagnostics];
  // That the file as a whole lacks something may be due to an error in it.
  const said = problems.filter(({ path }) => path.length > 0 || !hasErrors(before));
  const all = inOrder([...before, ...said.map((problem) => placed(problem, nodes, file))]);
  return hasErrors(all) ? { ok: false, diagnostics: all } : { ok: true, model, warnings: all };
}

function placed({ path, ...remark }: Problem, nodes: readonly SourceNode[], file: string): Diagnostic {
  const span = locate(nodes, keywordTable, path);
  return span === null ? diagnosticOfFile(file, remark) : diagnosticAt(span, remark);
}

/** True when no line holds more than blanks, a comment or a document marker. */
function isBlank(text: string): boolean {
  return !/^[^\S\n]*(?!#|!|---[^\S\n]*$)\S/m.test(text);
}
