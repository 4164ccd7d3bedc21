import { everyKeyword } from "./every-keyword.ts";
import type { Support } from "./keyword.ts";

/** What programs are told of a keyword. */
export interface KeywordSupport {
  /** Path of the block; "-" at the top level. */
  readonly block: string;
  readonly keyword: string;
  readonly support: Support;
  /** Null when it works. */
  readonly reason: string | null;
}

/** Every keyword of keepalived, synonyms among them, and ours. */
export function keywordSupport(): KeywordSupport[] {
  return everyKeyword().map(({ block, keyword, support, reason }) => ({
    block: block === "" ? "-" : block,
    keyword,
    support,
    reason,
  }));
}
