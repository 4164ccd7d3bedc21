import fc from "fast-check";
import { expect, test } from "vitest";
import { everyKeyword } from "../keywords/every-keyword.ts";
import type { Block, Entry } from "../keywords/keyword.ts";
import { keywordTable } from "../keywords/table.ts";
import { noContext, readConfig } from "../parse-config.ts";
import { sourceOf } from "../source.ts";
import { type SourceNode, withoutPositions } from "../source-tree.ts";
import { writeTree } from "./write-yaml.ts";

const span = { source: sourceOf("lb.conf", ""), start: 0, end: 0 };
const node = (keyword: string, words: readonly string[], children: readonly SourceNode[] | null): SourceNode => ({
  keyword,
  values: words.map((text) => ({ text, span })),
  children,
  span,
});

const text = fc.oneof(fc.string(), fc.constantFrom("a b", "null", "", "# x", "- y", "a: b", "\u00e9", `\${env:A}`));
// A quote ends a word of several: keepalived has none that holds one.
const word = text.map((each) => each.replaceAll('"', "'").replaceAll("\ufeff", ""));

function wordsFor({ shape }: Extract<Entry, { kind: "value" }>["type"]): fc.Arbitrary<readonly string[]> {
  if (shape === "word") return fc.tuple(text);
  if (shape === "optional") return fc.array(text, { maxLength: 1 });
  return fc.array(shape === "words" ? word : text, { maxLength: 3 });
}

/** Every keyword of the block, with all that is in it. */
function everything(block: Block): fc.Arbitrary<readonly SourceNode[]> {
  const nodes = Object.entries(block.entries).map(([keyword, entry]) => {
    if (entry.kind === "value") return wordsFor(entry.type).map((words) => [node(keyword, words, null)]);
    const inside = everything(entry.block);
    const count = entry.repeatable ? fc.integer({ min: 1, max: 2 }) : fc.constant(1);
    return count.chain((times) =>
      fc.tuple(...Array.from({ length: times }, () => inside)).map((all) => all.map((each) => node(keyword, [], each))),
    );
  });
  return fc.tuple(...nodes).map((all) => all.flat());
}

const keywordsIn = (nodes: readonly SourceNode[]): string[] =>
  nodes.flatMap(({ keyword, children }) => [keyword, ...keywordsIn(children ?? [])]);

test("every keyword of the table has a form in YAML, whatever its words", () => {
  // What the readers take for themselves has no place in a tree.
  const others = ["defaults", "include_check", "random_seed"];
  const accepted = everyKeyword().filter((row) => row.support !== "refused" && row.synonymOf === null);
  const names = new Set(accepted.map(({ keyword }) => keyword).filter((each) => !others.includes(each)));
  fc.assert(
    fc.property(everything(keywordTable), (tree) => {
      expect(new Set(keywordsIn(tree))).toEqual(names);
      const yaml = writeTree(tree, keywordTable, { notes: new Map(), tail: [] }).join("\n");
      const read = readConfig(`${yaml}\n`, "lb.yaml", noContext);
      expect(read.diagnostics).toEqual([]);
      expect(withoutPositions(read.nodes)).toEqual(withoutPositions(tree));
    }),
    { numRuns: 15 },
  );
});
