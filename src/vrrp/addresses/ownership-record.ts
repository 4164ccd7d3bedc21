/**
 * Identities of what a configuration of ours once held, on disk before any of it is written, so that a successor can tell
 * what we left from what others made. Written when the configuration changes, never on the way to being master.
 */
export type OwnershipRecord = readonly string[];

/** The record as read from disk. Throws a sentence at anything that we would not have written. */
export function parseOwnershipRecord(content: unknown): OwnershipRecord {
  if (!Array.isArray(content)) throw new Error("no list of identities");
  for (const text of content) {
    if (typeof text !== "string" || !/^(?:address|route|rule) ./.test(text)) {
      throw new Error(`not an identity: ${JSON.stringify(text)}`);
    }
  }
  return content;
}
