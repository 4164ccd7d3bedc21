import { nearest } from "../suggest.ts";
import { keepalivedKeywords } from "./keepalived-keywords.ts";
import type { Block, Entry } from "./keyword.ts";
import { keywordTable } from "./table.ts";

/** A keyword as the table knows it. */
export interface KnownKeyword {
  /** The name in the table, also when a synonym was written. */
  readonly name: string;
  readonly entry: Entry;
  readonly deprecated: boolean;
}

const indexes = new WeakMap<Block, ReadonlyMap<string, KnownKeyword>>();

/** The keyword or synonym in this block; undefined when the block has none of that name. */
export function lookUp(block: Block, word: string): KnownKeyword | undefined {
  return indexOf(block).get(word);
}

function indexOf(block: Block): ReadonlyMap<string, KnownKeyword> {
  const known = indexes.get(block);
  if (known !== undefined) return known;
  const index = new Map(Object.entries(block.entries).flatMap(([name, entry]) => namesOf(name, entry)));
  indexes.set(block, index);
  return index;
}

function namesOf(name: string, entry: Entry): [string, KnownKeyword][] {
  const { synonyms = [], deprecated = [] } = entry.kind === "value" ? entry.row : {};
  return [name, ...synonyms].map((each) => [each, { name, entry, deprecated: deprecated.includes(each) }]);
}

/** Every block of the table, outermost first. */
export function allBlocks(block: Block = keywordTable): Block[] {
  const inner = Object.values(block.entries).filter((entry) => entry.kind === "block");
  return [block, ...inner.flatMap((entry) => allBlocks(entry.block))];
}

/** What people used to other programs write for keywords of ours. */
const otherwiseCalled: Readonly<Record<string, readonly string[]>> = {
  address: ["ip", "host", "vip", "addr"],
  connect_timeout: ["timeout"],
  delay_loop: ["interval", "check_interval"],
  fwmark: ["mark"],
  lvs_method: ["method", "forwarding", "forward"],
  lvs_sched: ["scheduler", "algorithm", "algo", "balance"],
  path: ["uri"],
  protocol: ["proto"],
  real_server: ["servers", "backends", "backend", "server", "real_servers"],
  retry: ["retries"],
  status_code: ["status", "code", "expect"],
  virtual_server: ["virtual_servers", "services", "service", "frontend"],
  virtualhost: ["host_header", "vhost"],
};

/** The keyword of the block that somebody who wrote this word probably means. */
export function suggestKeyword(block: Block, word: string): { readonly name: string; readonly summary: string } | null {
  const index = indexOf(block);
  const names = [...index.keys()];
  const other = names.find((name) => otherwiseCalled[name]?.includes(word.toLowerCase()));
  const name = other ?? nearest(word, [...names, ...(keepalivedKeywords[block.path] ?? [])]);
  if (name === null) return null;
  const entry = index.get(name)?.entry;
  if (entry === undefined) return { name, summary: "which this version does not support yet" };
  return { name, summary: entry.kind === "value" ? entry.row.summary : entry.summary };
}

/** True when keepalived has this keyword in this block and this version of lbctl does not. */
export function isUnsupported(block: Block, word: string): boolean {
  return keepalivedKeywords[block.path]?.includes(word) ?? false;
}

/** Names of the blocks in which the word is a keyword, ours or keepalived's. */
export function homesOf(word: string): string[] {
  const ours = allBlocks().filter((block) => lookUp(block, word) !== undefined);
  const theirs = Object.keys(keepalivedKeywords).filter((path) => keepalivedKeywords[path]?.includes(word));
  return [...new Set([...ours.map(({ path }) => path), ...theirs])];
}
