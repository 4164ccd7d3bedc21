/** The text of octets without a byte order mark, or null when they are no text in UTF-8. */
export function decodeText(octets: Uint8Array): string | null {
  if (octets.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
