const LONGEST = 60;

/** Text of a user as it may stand in a message: in quotes, on one line, without anything that acts on a terminal, not too long. */
export function quote(text: string): string {
  const characters = [...text];
  const shown = characters.length > LONGEST ? `${characters.slice(0, LONGEST).join("")}...` : text;
  const visible = shown.replace(/\p{C}/gu, (character) =>
    character === "\n"
      ? "\\n"
      : character === "\t"
        ? "\\t"
        : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
  return `"${visible}"`;
}
