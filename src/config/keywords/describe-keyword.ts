import type { KeywordFacts } from "./every-keyword.ts";
import { type Entry, infoOf } from "./keyword.ts";

/** What a keyword takes, in a few words. */
export function valueText(entry: Entry): string {
  if (entry.kind === "value") return entry.type.name;
  return entry.repeatable ? "list of blocks" : "block";
}

/** What holds when the keyword is left out. */
export function defaultText(entry: Entry): string {
  if (entry.kind === "block") return entry.required ? "needed" : "";
  const { type, row } = entry;
  if (row.required === true) return "needed";
  return row.default === undefined ? (row.defaultText ?? "") : type.format(row.default);
}

/** How far a keyword is supported, with the reason; null when it works. */
export function supportText({ support, reason }: Pick<KeywordFacts, "support" | "reason">): string | null {
  if (support === "works") return null;
  const label = { not_yet: "not yet", no_effect: "no effect", refused: "refused" }[support];
  return `*${label}*: ${reason}`;
}

/** What else there is to know of a keyword, each a few words. */
export function remarksOn(entry: Entry): string[] {
  const { deprecated = [], since, ours = false } = infoOf(entry);
  const row = entry.kind === "value" ? entry.row : {};
  return [
    "repeatable" in row && row.repeatable === true ? "may stand several times" : null,
    ours ? "not in keepalived" : null,
    "unnamed" in row && row.unnamed === true ? "without a keyword in keepalived.conf" : null,
    since === undefined ? null : "not in keepalived 2.2.7",
    "deprecatedFor" in row ? `deprecated for ${row.deprecatedFor}` : null,
    deprecated.length === 0 ? null : `old name: ${deprecated.join(", ")}`,
  ].filter((remark) => remark !== null);
}

/** "virtual_server > real_server", as headings name a block. */
export function headingOf(path: string): string {
  return path === "" ? "Top level" : path.split("/").join(" > ");
}

/** The rows of one block: the keywords under the name of the table. */
export interface BlockFacts {
  readonly path: string;
  /** What the block is; null at the top. */
  readonly summary: string | null;
  /** Set when nothing in the block is supported. */
  readonly support: string | null;
  readonly rows: readonly KeywordFacts[];
}

/** Blocks in the order of the table, each with its rows. Synonyms stand with the keyword they mean. */
export function blocksOf(keywords: readonly KeywordFacts[]): BlockFacts[] {
  const blocks = new Map<string, KeywordFacts[]>();
  const opening = new Map<string, KeywordFacts>();
  for (const facts of keywords) {
    if (facts.entry.kind === "block")
      opening.set(facts.block === "" ? facts.keyword : `${facts.block}/${facts.keyword}`, facts);
    if (facts.synonymOf !== null) continue;
    const rows = blocks.get(facts.block);
    if (rows === undefined) blocks.set(facts.block, [facts]);
    else rows.push(facts);
  }
  return [...blocks]
    .filter(([path]) => opening.get(path)?.synonymOf == null)
    .map(([path, rows]) => {
      const facts = opening.get(path);
      return {
        path,
        summary: facts === undefined ? null : infoOf(facts.entry).summary,
        support: facts === undefined ? null : supportText(facts),
        rows,
      };
    });
}
