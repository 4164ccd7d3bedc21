import { type Diagnostic, diagnosticAt, type Remark } from "../diagnostics.ts";
import type { IncludeRequest } from "../include/include.ts";
import type { ReadContext } from "../read-context.ts";
import type { Source, Span } from "../source.ts";
import { Aliases } from "./aliases.ts";
import { documentOf, type YamlDocument } from "./document.ts";
import { remarkOnKeepalivedSyntax } from "./keepalived-syntax.ts";
import type { YamlAlias, YamlNode } from "./node.ts";

/** A document that is being read. */
export interface Reading {
  readonly source: Source;
  /** The file and those that include it, outermost first. */
  readonly files: readonly string[];
  readonly context: ReadContext;
  readonly aliases: Aliases;
  readonly diagnostics: Diagnostic[];
  /** Files that must be looked up before the reading can be complete. */
  readonly missing: Map<string, IncludeRequest>;
  /** Each included file once, however often it is included. */
  readonly documents: Map<string, YamlDocument>;
}

export function startReading(source: Source, context: ReadContext): Reading {
  const aliases = Aliases.ofText(source.text.length);
  return { source, files: [source.file], context, aliases, diagnostics: [], missing: new Map(), documents: new Map() };
}

/** An included file, as part of what is being read: anchors are its own, the rest is shared. */
export function readingOf(
  outer: Reading,
  source: Source,
): { readonly reading: Reading; readonly top: YamlNode | null } {
  const known = outer.documents.get(source.file);
  const document = known ?? documentOf(source);
  if (known === undefined) {
    outer.documents.set(source.file, document);
    const keepalived = document.diagnostics.length > 0 ? remarkOnIncluded(source) : null;
    outer.diagnostics.push(...(keepalived === null ? document.diagnostics : [keepalived]));
  }
  // Files that include others several times each are as endless as aliases: only their own text adds to what is allowed.
  const aliases = outer.aliases.ofFile(known === undefined ? source.text.length : 0);
  return { reading: { ...outer, source, files: [...outer.files, source.file], aliases }, top: document.top };
}

/** Said of a keepalived.conf that is included, in place of its errors as YAML; null for other texts. */
export function remarkOnIncluded(source: Source): Diagnostic | null {
  const keepalived = remarkOnKeepalivedSyntax(source);
  const message = "this is the syntax of keepalived.conf, and a YAML file includes YAML";
  return keepalived === null ? null : { ...keepalived, message, hint: 'make YAML of it with "lbctl convert"' };
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

export function report({ diagnostics }: Pick<Reading, "diagnostics">, span: Span, remark: Remark): void {
  diagnostics.push(diagnosticAt(span, remark));
}
