const named: Record<string, string> = { "\r": "\\r", "\n": "\\n", "\t": "\\t", "\\": "\\\\", '"': '\\"' };

/** Octets (characters U+0000 to U+00FF) for people: printable ones as they are, others as escapes, and not too many. */
export function excerpt(octets: string, atMost = 60): string {
  const shown = octets.slice(0, atMost).replace(/[^\x20-\x7e]|["\\]/g, escaped);
  return octets.length > atMost ? `${shown}...` : shown;
}

function escaped(character: string): string {
  return named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
