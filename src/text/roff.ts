/** A paragraph in the man macros of roff. */
export function roffParagraph(content: string): string[] {
  return [".PP", ...roffText(content)];
}

/** One input line; one that would begin with a control character begins with a zero-width one. */
export function roffText(content: string): string[] {
  const escaped = escapeRoff(content);
  return [/^[.']/.test(escaped) ? `\\&${escaped}` : escaped];
}

/** An argument of a macro that may have blanks in it. */
export function roffQuoted(content: string): string {
  return `"${escapeRoff(content).replaceAll('"', "\\(dq")}"`;
}

export function escapeRoff(content: string): string {
  return content.replaceAll("\\", "\\e").replaceAll("-", "\\-");
}
