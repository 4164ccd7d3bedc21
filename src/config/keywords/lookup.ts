import { nearest } from "../suggest.ts";
import { everyKeyword } from "./every-keyword.ts";
import { type Block, type Entry, infoOf, type UnsupportedEntry } from "./keyword.ts";
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
  return keywordsOf(block).get(word);
}

/** Every keyword and synonym of this block. */
export function keywordsOf(block: Block): ReadonlyMap<string, KnownKeyword> {
  const known = indexes.get(block);
  if (known !== undefined) return known;
  const index = new Map(Object.entries(block.entries).flatMap(([name, entry]) => namesOf(name, entry)));
  indexes.set(block, index);
  return index;
}

const required = new WeakMap<Block, readonly string[]>();

/** What must stand in this block. */
export function requiredIn(block: Block): readonly string[] {
  const known = required.get(block);
  if (known !== undefined) return known;
  const names = Object.entries(block.entries).flatMap(([name, entry]) => (isRequired(entry) ? [name] : []));
  required.set(block, names);
  return names;
}

export function isRequired(entry: Entry): boolean {
  return entry.kind === "value" ? entry.row.required === true : entry.required;
}

function namesOf(name: string, entry: Entry): [string, KnownKeyword][] {
  const { synonyms = [], deprecated = [] } = infoOf(entry);
  return [name, ...synonyms].map((each) => [each, { name, entry, deprecated: deprecated.includes(each) }]);
}

/** Every block that this version supports, outermost first. */
export function allBlocks(block: Block = keywordTable): Block[] {
  const inner = Object.values(block.entries).filter((entry) => entry.kind === "block" && entry.lacking === undefined);
  return [block, ...inner.flatMap((entry) => (entry.kind === "block" ? allBlocks(entry.block) : []))];
}

/** What people used to other programs write for keywords of ours. */
const otherwiseCalled: Readonly<Record<string, readonly string[]>> = {
  advert_int: ["advertisement_interval", "advert_interval"],
  address: ["ip", "host", "vip", "addr"],
  connect_timeout: ["timeout"],
  delay_loop: ["interval", "check_interval"],
  fwmark: ["mark"],
  interface: ["iface", "nic"],
  lvs_method: ["method", "forwarding", "forward", "mode"],
  lvs_sched: ["scheduler", "algorithm", "algo", "balance"],
  path: ["uri"],
  persistence_timeout: ["persistence", "sticky"],
  protocol: ["proto"],
  real_server: ["servers", "backends", "backend", "server", "real_servers", "members", "targets"],
  retry: ["retries"],
  script: ["command"],
  sorry_server: ["fallback", "backup_server"],
  status_code: ["status", "code", "expect"],
  virtual_ipaddress: ["vip", "vips", "virtual_ip", "virtual_ips", "addresses"],
  virtual_router_id: ["vrid"],
  virtual_server: ["virtual_servers", "services", "service", "frontend"],
  virtualhost: ["host_header", "vhost"],
};

/** The keyword of the block that somebody who wrote this word probably means. */
export function suggestKeyword(block: Block, word: string): { readonly name: string; readonly summary: string } | null {
  const index = keywordsOf(block);
  const names = [...index.keys()];
  const other = names.find((name) => otherwiseCalled[name]?.includes(word.toLowerCase()));
  const name = other ?? nearest(word, [...names, ...unsupportedNames(block)]);
  if (name === null) return null;
  const entry = index.get(name)?.entry;
  const summary = entry === undefined ? lookUpUnsupported(block, name)?.summary : infoOf(entry).summary;
  const supported = entry !== undefined && entry.lacking === undefined;
  return { name, summary: supported ? `${summary}` : `${summary}; this version does not support it` };
}

/** A keyword that the table knows and refuses. */
export interface UnsupportedKeyword {
  readonly name: string;
  readonly support: UnsupportedEntry["support"];
  readonly reason: string;
  readonly summary: string;
}

/** The keyword or synonym, when keepalived has it in this block and lbctl refuses it. */
export function lookUpUnsupported(block: Block, word: string): UnsupportedKeyword | undefined {
  for (const [name, { entry, support, reason }] of Object.entries(block.unsupported ?? {})) {
    const info = infoOf(entry);
    if (name === word || info.synonyms?.includes(word)) return { name, support, reason, summary: info.summary };
  }
  return undefined;
}

function unsupportedNames({ unsupported = {} }: Block): string[] {
  return Object.entries(unsupported).flatMap(([name, { entry }]) => [name, ...(infoOf(entry).synonyms ?? [])]);
}

/** True when keepalived has this keyword in this block and lbctl refuses it. */
export function isUnsupported(block: Block, word: string): boolean {
  return lookUpUnsupported(block, word) !== undefined;
}

/** Names of the blocks in which the word is a keyword, whether or not this version supports it. */
export function homesOf(word: string): string[] {
  const homes = everyKeyword().filter(({ keyword }) => keyword === word);
  return [...new Set(homes.map(({ block }) => block))];
}

/** What a word that is a synonym in some block is called in the table; null for other words. */
export function nameOfSynonym(word: string): string | null {
  return everyKeyword().find(({ keyword }) => keyword === word)?.synonymOf ?? null;
}
