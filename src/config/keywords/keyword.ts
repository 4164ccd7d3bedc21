import type { ValueType } from "./value-type.ts";

/** What the table says of every keyword. */
export interface KeywordInfo {
  /** One line for the manual and for suggestions, in our words. */
  readonly summary: string;
  readonly synonyms?: readonly string[];
  /** The synonyms that keepalived calls deprecated. */
  readonly deprecated?: readonly string[];
  /** Unknown to keepalived 2.2.7, the version of Debian 12. */
  readonly since?: "2.2.8+";
  /** Not a keyword of keepalived. */
  readonly ours?: boolean;
}

/** What the table says of a keyword that takes a value. */
export interface KeywordRow<T> extends KeywordInfo {
  readonly required?: boolean;
  /** Its words add up when it stands several times. */
  readonly repeatable?: boolean;
  /** Value in force when the keyword stands nowhere on the way from the checker up to the virtual server. */
  readonly default?: T;
  /** For the manual, where the default is no constant. */
  readonly defaultText?: string;
  /** Why the keyword is accepted and changes nothing. */
  readonly noEffect?: string;
  /** What is written instead nowadays; completes "is deprecated:". */
  readonly deprecatedFor?: string;
  /** In keepalived.conf it has no name: it stands behind the keyword of the block, or alone in its braces. */
  readonly unnamed?: boolean;
  /** No message quotes what stands there. */
  readonly secret?: boolean;
}

export interface Keyword<T = unknown, R extends KeywordRow<T> = KeywordRow<T>> {
  readonly kind: "value";
  readonly type: ValueType<T>;
  readonly row: R;
  readonly lacking?: string;
}

export interface SubBlock<B extends Block = Block, Repeatable extends boolean = boolean> extends KeywordInfo {
  readonly kind: "block";
  readonly block: B;
  readonly repeatable: Repeatable;
  readonly required: boolean;
  readonly lacking?: string;
}

/** `lacking` is there when this version reads and checks the keyword, and refuses it for what it has not learnt yet. */
export type Entry = Keyword | SubBlock;
export type Entries = Readonly<Record<string, Entry>>;

/** How far a keyword of the table is supported. */
export type Support = "works" | "not_yet" | "no_effect" | "refused";

/** A keyword of keepalived that has no place in a `Config`. */
export interface UnsupportedEntry {
  readonly entry: Entry;
  /** `keepalived_conf`: the reader of keepalived.conf heeds and keeps it; elsewhere it is refused. */
  readonly support: "refused" | "keepalived_conf";
  /** Completes "is refused:". */
  readonly reason: string;
}

export type UnsupportedEntries = Readonly<Record<string, UnsupportedEntry>>;

export interface Block<E extends Entries = Entries> {
  /** Path of the block: "virtual_server/real_server"; "" at the top. */
  readonly path: string;
  /** What may stand in the block. Schemas and types come from here. */
  readonly entries: E;
  /** What keepalived takes here and lbctl never will. */
  readonly unsupported?: UnsupportedEntries;
}

type WrittenEntry<E> =
  E extends Keyword<infer T>
    ? T
    : E extends SubBlock<Block<infer Inner>, infer Repeatable>
      ? Repeatable extends true
        ? readonly Written<Inner>[]
        : Written<Inner>
      : never;

type RequiredKeys<E extends Entries> = {
  [K in keyof E]: E[K] extends { readonly row: { readonly required: true } } | { readonly required: true } ? K : never;
}[keyof E];

/** A block as it was written: what stands there, with values in their types; no defaults. */
export type Written<E extends Entries> = { readonly [K in RequiredKeys<E>]: WrittenEntry<E[K]> } & {
  readonly [K in Exclude<keyof E, RequiredKeys<E>>]?: WrittenEntry<E[K]> | undefined;
};

export function keyword<T, const R extends KeywordRow<T>>(type: ValueType<T>, row: R): Keyword<T, R> {
  return { kind: "value", type, row };
}

/** A block that may stand once. */
export function single<B extends Block>(block: B, summary: string): SubBlock<B, false> {
  return { kind: "block", block, repeatable: false, required: false, summary };
}

/** A block that may stand several times: in YAML a list. */
export function repeated<B extends Block>(block: B, summary: string): SubBlock<B, true> {
  return { kind: "block", block, repeatable: true, required: false, summary };
}

/**
 * Rows that a later version will support; the reason says what this one lacks and completes "is not supported yet:".
 * They are read and checked like any other. To support one is to take it out of here.
 */
export function notYet<const E extends Entries>(reason: string, entries: E): E {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, { ...entry, lacking: reason }])) as E;
}

/** Rows of a block that keepalived has not. */
export function allOurs<const E extends Entries>(entries: E): E {
  const mark = (entry: Entry): Entry =>
    entry.kind === "value" ? { ...entry, row: { ...entry.row, ours: true } } : { ...entry, ours: true };
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, mark(entry)])) as E;
}

/** Rows that no version will support. */
export function refused(reason: string, entries: Entries): UnsupportedEntries {
  return unsupported("refused", reason, entries);
}

/** Rows that the reader of keepalived.conf heeds by itself; the reason is for YAML. */
export function forKeepalivedConf(reason: string, entries: Entries): UnsupportedEntries {
  return unsupported("keepalived_conf", reason, entries);
}

function unsupported(support: UnsupportedEntry["support"], reason: string, entries: Entries): UnsupportedEntries {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, { entry, support, reason }]));
}

/** What the table says of the keyword, whichever kind it is. */
export function infoOf(entry: Entry): KeywordInfo {
  return entry.kind === "value" ? entry.row : entry;
}

/** The last part of the path, as messages name the block. */
export function blockName({ path }: Block): string {
  return path === "" ? "the top level" : (path.split("/").at(-1) as string);
}
