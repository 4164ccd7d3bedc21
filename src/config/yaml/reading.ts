import { type Diagnostic, diagnosticAt, type Remark } from "../diagnostics.ts";
import type { Source, Span } from "../source.ts";
import type { Aliases } from "./aliases.ts";
import type { YamlAlias, YamlNode } from "./node.ts";

/** A document that is being read. */
export interface Reading {
  readonly source: Source;
  readonly aliases: Aliases;
  readonly diagnostics: Diagnostic[];
}

/** What the node stands for; null, and said, when it is an alias to nothing. */
export function resolve(reading: Reading, node: YamlNode): Exclude<YamlNode, YamlAlias> | null {
  const target = reading.aliases.resolve(node);
  if (target === null) {
    report(reading, spanOf(reading, node), {
      code: "yaml-syntax",
      message: "no anchor of this name stands before the alias",
      hint: "an anchor is set with &name where the block is written first",
    });
  }
  return target;
}

export function spanOf({ source }: Reading, { start, end }: YamlNode): Span {
  return { source, start, end };
}

export function report({ diagnostics }: Reading, span: Span, remark: Remark): void {
  diagnostics.push(diagnosticAt(span, remark));
}
