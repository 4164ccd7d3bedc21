import { defaultsRows } from "./defaults.ts";
import { type Block, type Entry, infoOf, type Support } from "./keyword.ts";
import { keywordTable } from "./table.ts";

/** A keyword of a block with all that is known of it: the row of the reference. A synonym has a row of its own. */
export interface KeywordFacts {
  /** Path of the block; "" at the top. */
  readonly block: string;
  readonly keyword: string;
  readonly entry: Entry;
  /** The name in the table when this is a synonym. */
  readonly synonymOf: string | null;
  readonly deprecated: boolean;
  readonly support: Support;
  /** Null when it works. */
  readonly reason: string | null;
}

/** What is true of a block is true of all that is in it. */
type Inherited = { readonly support: Support; readonly reason: string } | null;

let known: readonly KeywordFacts[] | undefined;

/** Every keyword of every block, those that this version refuses among them, block after block. Made when first asked for. */
export function everyKeyword(): readonly KeywordFacts[] {
  known ??= [
    ...keywordsOf(keywordTable, "", null),
    ...defaultsRows().map(({ block, keyword, entry }) => facts(block, keyword, keyword, entry, lackingIn(entry))),
  ];
  return known;
}

function keywordsOf(block: Block, path: string, inherited: Inherited): KeywordFacts[] {
  const supported = Object.entries(block.entries).map(([name, entry]) => ({
    name,
    entry,
    why: inherited ?? lackingIn(entry),
  }));
  const others = Object.entries(block.unsupported ?? {}).map(([name, { entry, support, reason }]) => ({
    name,
    entry,
    why: inherited ?? (support === "keepalived_conf" ? null : { support, reason }),
  }));
  const rows = [...supported, ...others];
  return [
    ...rows.flatMap(({ name, entry, why }) =>
      namesOf(name, entry).map((keyword) => facts(path, keyword, name, entry, why)),
    ),
    ...rows.flatMap(({ name, entry, why }) =>
      entry.kind === "value"
        ? []
        : namesOf(name, entry).flatMap((keyword) => keywordsOf(entry.block, pathOf(path, keyword), why)),
    ),
  ];
}

function lackingIn({ lacking }: Entry): Inherited {
  return lacking === undefined ? null : { support: "not_yet", reason: lacking };
}

function namesOf(name: string, entry: Entry): string[] {
  return [name, ...(infoOf(entry).synonyms ?? [])];
}

function pathOf(path: string, keyword: string): string {
  return path === "" ? keyword : `${path}/${keyword}`;
}

function facts(block: string, keyword: string, name: string, entry: Entry, why: Inherited): KeywordFacts {
  const noEffect = entry.kind === "value" ? entry.row.noEffect : undefined;
  const settled = why ?? (noEffect === undefined ? null : { support: "no_effect" as const, reason: noEffect });
  return {
    block,
    keyword,
    entry,
    synonymOf: keyword === name ? null : name,
    deprecated: infoOf(entry).deprecated?.includes(keyword) ?? false,
    support: settled?.support ?? "works",
    reason: settled?.reason ?? null,
  };
}
