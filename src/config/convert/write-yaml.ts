import type { Block } from "../keywords/keyword.ts";
import { lookUp } from "../keywords/lookup.ts";
import type { ValueType } from "../keywords/value-type.ts";
import type { SourceNode, Word } from "../source-tree.ts";
import type { Annotations, Notes } from "./notes.ts";
import { yamlScalar, yamlWords } from "./scalar.ts";

const STEP = "  ";
const none: Notes = { before: [], trailing: [], tail: [], after: [], spaced: false };

/** The lines of a source tree as YAML: blocks of one kind together, in their order, everything else in the order of the tree. */
export function writeTree(nodes: readonly SourceNode[], table: Block, { notes, tail }: Annotations): string[] {
  const writer = new Writer(notes);
  const parts = groupsOf(nodes, table).map((group) => writer.group(group, ""));
  return [...parts.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines])), ...after(tail)];
}

function after(tail: readonly string[]): readonly string[] {
  return tail.length === 0 ? [] : ["", ...tail];
}

/** What one key of YAML stands for. */
interface Group {
  readonly keyword: string;
  readonly nodes: readonly SourceNode[];
  readonly entry: Block["entries"][string];
}

function groupsOf(nodes: readonly SourceNode[], block: Block): Group[] {
  const byName = Map.groupBy(nodes, ({ keyword }) => lookUp(block, keyword)?.name ?? keyword);
  return [...byName].map(([name, members]) => {
    const [first] = members as [SourceNode, ...SourceNode[]];
    const known = lookUp(block, first.keyword);
    if (known === undefined) throw new Error(`${first.keyword} is no keyword of ${block.path}`);
    // Under two names it is two keys, which YAML would take for two settings.
    const keyword = members.every((each) => each.keyword === first.keyword) ? first.keyword : name;
    return { keyword, nodes: members, entry: known.entry };
  });
}

class Writer {
  private readonly notes: Annotations["notes"];

  constructor(notes: Annotations["notes"]) {
    this.notes = notes;
  }

  group({ keyword, nodes, entry }: Group, indent: string): string[] {
    if (entry.kind === "value") return this.#value(keyword, nodes, entry.type, indent);
    const [first] = nodes as [SourceNode, ...SourceNode[]];
    if (nodes.length === 1 && !isListed(entry.block, entry.repeatable)) {
      const { before, trailing, after } = this.#of(first);
      const inside = this.#inside(first, entry.block, indent + STEP);
      return [...above(before, indent), `${indent}${keyword}:${behind(trailing)}`, ...inside, ...above(after, indent)];
    }
    const items = nodes.map((node, index) => this.#item(node, entry.block, indent + STEP, index > 0));
    return [`${indent}${keyword}:`, ...items.flat()];
  }

  #of(what: SourceNode | Word): Notes {
    return this.notes.get(what) ?? none;
  }

  /** What is in a block, and the comments at its end. */
  #inside(node: SourceNode, block: Block, indent: string): string[] {
    const groups = groupsOf(node.children ?? [], block);
    const lines = groups.flatMap((group, index) => {
      const [first] = group.nodes;
      const spaced = index > 0 && first !== undefined && this.#of(first).spaced;
      return [...(spaced ? [""] : []), ...this.group(group, indent)];
    });
    return [...lines, ...above(this.#of(node).tail, indent)];
  }

  #item(node: SourceNode, block: Block, indent: string, mayBeSpaced: boolean): string[] {
    const { before, trailing, after, spaced } = this.#of(node);
    const inside = this.#inside(node, block, indent + STEP);
    const settings = inside.findIndex((line) => !isComment(line));
    // Comments cannot stand between the dash and the first setting.
    const leading = inside.slice(0, Math.max(settings, 0)).map((line) => line.slice(STEP.length));
    const [first = "", ...more] = settings < 0 ? [`${indent}${STEP}{}`, ...inside] : inside.slice(settings);
    return [
      ...(spaced && mayBeSpaced ? [""] : []),
      ...above(before, indent),
      ...leading,
      `${indent}- ${first.slice(indent.length + STEP.length)}${behind(trailing)}`,
      ...more,
      ...above(after, indent),
    ];
  }

  #value(keyword: string, nodes: readonly SourceNode[], { shape }: ValueType<unknown>, indent: string): string[] {
    const words = nodes.flatMap(({ values }) => values);
    const own = nodes.map((node) => this.#of(node));
    const key = `${indent}${keyword}:`;
    const before = own.flatMap((notes) => notes.before);
    const trailing = own.flatMap((notes) => notes.trailing);
    const end = own.flatMap((notes) => [...notes.tail, ...notes.after]);
    if (shape === "lines" && words.length > 0) {
      const items = words.flatMap((word) => this.#line(word, indent + STEP));
      return [...above(before, indent), key + behind(trailing), ...items, ...above(end, indent + STEP)];
    }
    const ofWords = words
      .map((word) => this.#of(word))
      .flatMap((notes) => [...notes.before, ...notes.trailing, ...notes.after]);
    const text = valueText(
      words.map((word) => word.text),
      shape,
    );
    return [
      ...above([...before, ...ofWords], indent),
      `${key}${text === "" ? "" : ` ${text}`}${behind(trailing)}`,
      ...above(end, indent),
    ];
  }

  #line(word: Word, indent: string): string[] {
    const { before, trailing, after } = this.#of(word);
    return [
      ...above(before, indent),
      `${indent}- ${yamlScalar(word.text)}${behind(trailing)}`,
      ...above(after, indent),
    ];
  }
}

function valueText(words: readonly string[], shape: ValueType<unknown>["shape"]): string {
  const [first, ...more] = words;
  if (first === undefined) return "";
  if (shape === "words") return yamlWords(words);
  return more.length === 0 ? yamlScalar(first) : `[${words.map((word) => yamlScalar(word, "list")).join(", ")}]`;
}

/** Blocks that have a name or an address are lists; checkers stand alone where there is one. */
function isListed(block: Block, repeatable: boolean): boolean {
  const named = Object.values(block.entries).some((entry) => entry.kind === "value" && entry.row.unnamed === true);
  return repeatable && named;
}

function above(comments: readonly string[], indent: string): string[] {
  return comments.map((comment) => indent + comment);
}

function behind(comments: readonly string[]): string {
  return comments.length === 0 ? "" : `  ${comments.join(" ")}`;
}

function isComment(line: string): boolean {
  return /^ *(?:#|$)/.test(line);
}
