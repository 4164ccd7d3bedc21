/** A stretch of a line: a brace, or what stands between braces, without the blanks around it. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly brace: "{" | "}" | null;
}

/** `${NAME}`: its braces are no braces of a block, though nothing is defined under the name. */
const REFERENCE = /\$\{[^{}]*\}/y;

/** Cuts a line at its braces, wherever they stand; those in double quotes and in `${NAME}` are text. */
export function plainBraces(text: string): Stretch[] {
  if (!/[{}]|^\s|\s$/.test(text)) return text === "" ? [] : [{ start: 0, end: text.length, brace: null }];
  if (text === "}") return [{ start: 0, end: 1, brace: "}" }];
  const head = text.slice(0, -1).trimEnd();
  // Nearly every line that opens a block: `real_server 10.0.0.1 80 {`.
  if (text.endsWith("{") && head !== "" && !/[{}"\\$]|^\s/.test(head)) {
    const at = text.length - 1;
    return [
      { start: 0, end: head.length, brace: null },
      { start: at, end: at + 1, brace: "{" },
    ];
  }
  const stretches: Stretch[] = [];
  let start = 0;
  let quoted = false;
  const add = (end: number) => {
    const part = text.slice(start, end);
    const from = start + (part.length - part.trimStart().length);
    if (part.trim() !== "") stretches.push({ start: from, end: from + part.trim().length, brace: null });
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    REFERENCE.lastIndex = at;
    if (character === "$" && REFERENCE.test(text)) at = REFERENCE.lastIndex - 1;
    else if (character === "\\") at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === "{" || character === "}")) {
      add(at);
      stretches.push({ start: at, end: at + 1, brace: character });
      start = at + 1;
    }
  }
  add(text.length);
  return stretches;
}

/** References to parameters that nothing has replaced, outside of double quotes. In quotes they may be for a shell. */
export function undefinedReferences(
  text: string,
): { readonly name: string; readonly start: number; readonly end: number }[] {
  return [...text.matchAll(/"(?:\\.|[^"\\])*"?|\$\{([^{}]*)\}/g)].flatMap(({ 0: all, 1: name, index }) =>
    name === undefined ? [] : [{ name, start: index, end: index + all.length }],
  );
}
