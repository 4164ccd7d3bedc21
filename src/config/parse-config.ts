import { type Diagnostic, diagnosticAt, diagnosticOfFile, hasErrors, inOrder } from "./diagnostics.ts";
import { expand } from "./expand/expand.ts";
import type { Problem } from "./expand/problem.ts";
import { interpret } from "./interpret.ts";
import { keywordTable } from "./keywords/table.ts";
import { locate } from "./locate.ts";
import type { Model } from "./model.ts";
import { sourceOf } from "./source.ts";
import type { SourceNode } from "./source-tree.ts";
import { readYaml } from "./yaml/read-yaml.ts";

export type ConfigResult =
  | { readonly ok: true; readonly model: Model; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** The model of a configuration text, or everything that is wrong with it. Pure; `file` only names the text in diagnostics. */
export function parseConfig(text: string, file: string): ConfigResult {
  if (isBlank(text)) {
    const hint = 'a configuration starts with "virtual_server:"; docs/configuration.md has examples';
    return {
      ok: false,
      diagnostics: [diagnosticOfFile(file, { code: "empty-file", message: "the file holds no settings", hint })],
    };
  }
  // A byte order mark would shift every column of the first line.
  const read = readYaml(sourceOf(file, text.startsWith("\ufeff") ? text.slice(1) : text));
  if (read.nodes.length === 0 && hasErrors(read.diagnostics))
    return { ok: false, diagnostics: inOrder(read.diagnostics) };
  return modelOf(read.nodes, read.diagnostics, file);
}

/** The part of the path that is the same for every front end: source tree to model. */
export function modelOf(nodes: readonly SourceNode[], found: readonly Diagnostic[], file: string): ConfigResult {
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
  return !/^[^\S\n]*(?!#|---[^\S\n]*$)\S/m.test(text);
}
