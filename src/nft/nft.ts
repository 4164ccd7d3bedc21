/** Runs nft: rejects with NftError. */
export type Nft = (words: readonly string[], input: string) => Promise<string>;

/** `absent`: there is no program of that name. */
export class NftError extends Error {
  override readonly name = "NftError";
  readonly code: "absent" | "refused";

  constructor(code: "absent" | "refused", message: string) {
    super(message);
    this.code = code;
  }
}

const FAMILIES = ["ip", "ip6"] as const;

/** Removes our tables of that name, one for each family, whether they are there or not. For `nft -f -`. */
export function removalOfTables(name: string): string {
  return FAMILIES.map((family) => `add table ${family} ${name}\ndelete table ${family} ${name}\n`).join("");
}

/** Writes a text of nft in one transaction; null, or why it was refused. */
export async function writeNft(nft: Nft, text: string): Promise<NftError | null> {
  try {
    await nft(["-f", "-"], text);
    return null;
  } catch (error) {
    if (error instanceof NftError) return error;
    throw error;
  }
}

/** What nft shows of our tables of that name, without counters, so that it stays the same; "" for none. */
export async function shownTables(nft: Nft, name: string): Promise<string> {
  const shown: string[] = [];
  for (const family of FAMILIES) {
    try {
      shown.push(await nft(["--stateless", "list", "table", family, name], ""));
    } catch (error) {
      if (!(error instanceof NftError)) throw error;
    }
  }
  return shown.join("");
}
