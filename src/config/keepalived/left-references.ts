/** Something that looks like a parameter and was not replaced. */
export interface LeftReference {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint: string;
}

const REFERENCE = /\\.|"|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)/g;
/** A shell that is given a command line has variables of its own. */
const SHELL = /(?:^|[\s/"'])(?:ba|da|k|z)?sh\s+-[a-z]*c\b/;

/** What is left of `$NAME` and `${NAME}` in a line of settings. `${NAME}` outside of quotes is an error, which is said elsewhere. */
export function leftReferences(text: string, isDefined: (name: string) => boolean): LeftReference[] {
  if (!text.includes("$") || SHELL.test(text)) return [];
  const left: LeftReference[] = [];
  let quoted = false;
  for (const { 0: all, 1: braced, 2: bare, index: start } of text.matchAll(REFERENCE)) {
    if (all === '"') quoted = !quoted;
    const name = bare ?? (quoted ? braced : undefined);
    if (name === undefined) continue;
    const defined = isDefined(name);
    left.push({
      start,
      end: start + all.length,
      message: defined
        ? `$${name} is not replaced here: a blank, a comma, ")" or the end of the line must follow`
        : `nothing is defined as "${name}" here: the text stays as it is`,
      hint: defined ? `write \${${name}}` : `a line such as $${name}=value must stand above`,
    });
  }
  return left;
}
