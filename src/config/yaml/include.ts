import { directoryOf, type IncludeChecks, includeKey, selectIncluded } from "../include/include.ts";
import { quote } from "../quote.ts";
import type { Source, Span } from "../source.ts";
import type { SourceNode, Word } from "../source-tree.ts";
import type { YamlMap, YamlNode } from "./node.ts";
import { isNull } from "./node.ts";
import { type Reading, readingOf, remarkOnIncluded, report, resolve, spanOf } from "./reading.ts";
import { wordsOf } from "./words.ts";

/** The key that stands for the keys of other files, in any block. */
export const INCLUDE = "include";

/** A wildcard without a match is only a warning: that is how directories of snippets begin. */
const checks: IncludeChecks = { readable: true, match: true, wildcard_match: false, brace_match: true };

/** Files in files in files. */
const DEEPEST = 64;
/** What an include counts among the settings that a file may expand to. */
const COST = 20;

/** What the files that `include` names mean where it stands; `read` reads the map of a file as the block around. */
export function includedNodes(
  reading: Reading,
  key: YamlNode,
  value: YamlNode | null,
  read: (reading: Reading, map: YamlMap) => readonly SourceNode[],
): SourceNode[] {
  const patterns = patternsOf(reading, key, value);
  return patterns.flatMap((pattern) =>
    filesOf(reading, pattern).flatMap((file) => {
      if (reading.files.includes(file.file) || reading.files.length >= DEEPEST) {
        reportLoop(reading, file, pattern.span);
        return [];
      }
      if (!reading.aliases.spend(COST)) return [];
      const inner = readingOf(reading, file);
      const top = inner.top === null ? null : resolve(inner.reading, inner.top);
      if (top === null || isNull(top)) return [];
      if (top.kind === "map") return read(inner.reading, top);
      const keepalived = remarkOnIncluded(file);
      if (keepalived !== null) {
        reading.diagnostics.push(keepalived);
        return [];
      }
      const message = `the file holds ${top.kind === "list" ? "a list" : "a single value"}; what is included must be a map of keywords`;
      const hint = `it is included in ${reading.source.file}, where its keywords are to stand`;
      report(inner.reading, spanOf(inner.reading, top), { code: "wrong-shape", message, hint });
      return [];
    }),
  );
}

function patternsOf(reading: Reading, key: YamlNode, value: YamlNode | null): Word[] {
  const target = value === null ? null : resolve(reading, value);
  const items = target?.kind === "list" ? target.items.map((item) => resolve(reading, item)) : [target];
  const words = items.flatMap((item) => (item?.kind === "scalar" ? wordsOf(reading, item, false) : []));
  if (words.length === items.length && words.every(({ text }) => text !== "")) return words;
  const hint = "write include: pool.yaml, or a list of files; *, ? and {a,b} stand for several";
  report(reading, spanOf(reading, value ?? key), {
    code: "wrong-shape",
    message: "include takes names of files",
    hint,
  });
  return [];
}

function filesOf(reading: Reading, { text: pattern, span }: Word): readonly Source[] {
  const request = { directory: directoryOf(reading.source.file), pattern };
  const matches = reading.context.included.get(includeKey(request));
  if (matches === undefined) {
    reading.missing.set(includeKey(request), request);
    return [];
  }
  const { sources, diagnostics } = selectIncluded(matches, pattern, checks, span);
  reading.diagnostics.push(...diagnostics);
  return sources;
}

function reportLoop(reading: Reading, { file }: Source, span: Span): void {
  const message = `${quote(file)} is being read already: including it here would never end`;
  report(reading, span, { code: "include-loop", message, hint: [...reading.files, file].join(" -> ") });
}
