import type { IncludeMatch } from "./include/include.ts";

/** What a configuration depends on beside its text. */
export interface ReadContext {
  /** Which `@id` lines of a keepalived.conf count. */
  readonly configId: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of `${_RANDOM}` in a keepalived.conf, unless the file sets `random_seed`. */
  readonly seed: number;
  /** Every flaw of an included file of a keepalived.conf is an error, as with `include_check` at its beginning. */
  readonly allIncludes?: boolean | undefined;
  /** What the files on disk say to each request, by `includeKey`. */
  readonly included: ReadonlyMap<string, readonly IncludeMatch[]>;
}
