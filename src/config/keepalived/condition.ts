/**
 * What a line that starts with "@" comes to: `@id rest` stands for `rest` where lbctl runs with this configuration id,
 * `@^id rest` everywhere else. Returns the offset of the rest, or null when the line is left out.
 */
export function conditionalRest(text: string, configId: string): number | null {
  const negated = text.startsWith("@^");
  const from = negated ? 2 : 1;
  const match = /[ \t]+/.exec(text.slice(from));
  if (match === null) return null;
  const same = text.slice(from, from + match.index) === configId;
  return same === negated ? null : from + match.index + match[0].length;
}
