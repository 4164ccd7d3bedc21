import type { ValueType } from "./value-type.ts";

/** What the table says of a keyword that takes a value. */
export interface KeywordRow<T> {
  /** One line for the manual and for suggestions, in our words. */
  readonly summary: string;
  readonly required?: boolean;
  /** Its words add up when it stands several times. */
  readonly repeatable?: boolean;
  /** Value in force when the keyword stands nowhere on the way from the checker up to the virtual server. */
  readonly default?: T;
  /** For the manual, where the default is no constant. */
  readonly defaultText?: string;
  readonly synonyms?: readonly string[];
  /** The synonyms that keepalived calls deprecated. */
  readonly deprecated?: readonly string[];
  /** Why the keyword is accepted and changes nothing. */
  readonly noEffect?: string;
  /** Not a keyword of keepalived. */
  readonly ours?: boolean;
}

export interface Keyword<T = unknown, R extends KeywordRow<T> = KeywordRow<T>> {
  readonly kind: "value";
  readonly type: ValueType<T>;
  readonly row: R;
}

export interface SubBlock<B extends Block = Block, Repeatable extends boolean = boolean> {
  readonly kind: "block";
  readonly block: B;
  readonly repeatable: Repeatable;
  readonly required: boolean;
  readonly summary: string;
}

export type Entry = Keyword | SubBlock;
export type Entries = Readonly<Record<string, Entry>>;

export interface Block<E extends Entries = Entries> {
  /** Path of the block: "virtual_server/real_server"; "" at the top. */
  readonly path: string;
  readonly entries: E;
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

/** The last part of the path, as messages name the block. */
export function blockName({ path }: Block): string {
  return path === "" ? "the top level" : (path.split("/").at(-1) as string);
}
