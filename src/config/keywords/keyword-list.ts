/** A keyword of keepalived as the list of its keywords has it. */
export interface ListedKeyword {
  /** Path of the block; "" at the top. */
  readonly block: string;
  readonly keyword: string;
  /** "2.2.7-": known to keepalived 2.2.7; "2.2.8+": came later. */
  readonly since: string;
}

/** Reads lines of block, keyword and since with tabs between them, below a heading; "-" is the top level. */
export function parseKeywordList(text: string): ListedKeyword[] {
  const rows = text.trimEnd().split("\n").slice(1);
  return rows.map((row) => {
    const [block = "", keyword = "", since = ""] = row.split("\t");
    return { block: block === "-" ? "" : block, keyword, since };
  });
}
