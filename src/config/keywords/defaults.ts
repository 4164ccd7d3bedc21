import { type Block, type Entries, type Entry, type SubBlock, single, type UnsupportedEntries } from "./keyword.ts";
import { keywordTable } from "./table.ts";

/**
 * `defaults` of YAML: settings of blocks that do not say otherwise, by the keyword of the block. Made from the table, so that
 * a block that may stand several times has defaults as soon as it is supported.
 */
export const defaults: SubBlock<Block, false> = {
  ...single(defaultsBlock(), "settings for every block of a kind that does not say otherwise"),
  ours: true,
};

/** What may stand at the top of a YAML file. */
export const yamlTable: Block = {
  ...keywordTable,
  entries: { ...keywordTable.entries, defaults },
};

function defaultsBlock(): Block {
  const rows: [string, Entry][] = Object.entries(keywordTable.entries);
  return { path: "defaults", entries: optionalEntries(rows.filter(([, entry]) => mayHaveDefaults(entry))) };
}

function mayHaveDefaults(entry: Entry): boolean {
  return entry.kind === "block" && entry.repeatable;
}

/** A block as it stands in `defaults`: nothing is needed, and what says which block it is belongs in the block itself. */
function partial(block: Block): Block {
  const rows = Object.entries(block.entries);
  return {
    path: `defaults/${block.path}`,
    entries: optionalEntries(rows.filter(([name, entry]) => !isIdentity(name, entry))),
    unsupported: { ...block.unsupported, ...refusedIdentity(rows) },
  };
}

function optionalEntries(rows: readonly [string, Entry][]): Entries {
  return Object.fromEntries(rows.map(([name, entry]) => [name, optional(entry)]));
}

function optional(entry: Entry): Entry {
  if (entry.kind === "block") return { ...entry, block: partial(entry.block), repeatable: false, required: false };
  return { ...entry, row: { ...entry.row, required: false } };
}

function isIdentity(name: string, entry: Entry): boolean {
  return entry.kind === "value" && (entry.row.unnamed === true || (name === "name" && entry.row.ours === true));
}

function refusedIdentity(rows: readonly [string, Entry][]): UnsupportedEntries {
  const reason = "it says which block it is, and no two have it in common: write it in each";
  const own = rows.filter(([name, entry]) => isIdentity(name, entry));
  return Object.fromEntries(own.map(([name, entry]) => [name, { entry, support: "refused" as const, reason }]));
}

/** Settings that as a default are only meant for blocks with another one, or without. */
const conditions: Readonly<Record<string, { readonly with?: string; readonly without?: string }>> = {
  protocol: { without: "fwmark" },
  sorry_server_inhibit: { with: "sorry_server" },
  sorry_server_lvs_method: { with: "sorry_server" },
};

/** True when a default of this name means something in a block that has settings of these names. */
export function isMeantFor(name: string, present: ReadonlySet<string>): boolean {
  const condition = conditions[name];
  if (condition?.with !== undefined && !present.has(condition.with)) return false;
  return condition?.without === undefined || !present.has(condition.without);
}

/** The rows of `defaults` for manuals: the block, and what may stand in it; what is in that is as everywhere. */
export function defaultsRows(): { readonly block: string; readonly keyword: string; readonly entry: Entry }[] {
  const inside = Object.entries(defaults.block.entries);
  return [
    { block: "", keyword: "defaults", entry: defaults },
    ...inside.map(([keyword, entry]) => {
      const summary = `settings of every ${keyword} that does not say otherwise; for the blocks in it likewise`;
      return { block: "defaults", keyword, entry: { ...entry, summary, ours: true } as Entry };
    }),
  ];
}
