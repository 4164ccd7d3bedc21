/** Alternatives that one pattern may spell out. */
const MOST_ALTERNATIVES = 1000;

/** Spells out braces as csh does: `{a,b{c,d}}` is a, bc and bd. Braces without a comma or a partner are text. */
export function expandBraces(pattern: string): string[] {
  let patterns = [pattern];
  for (let index = 0; index < patterns.length && patterns.length <= MOST_ALTERNATIVES; ) {
    const alternatives = expandFirst(patterns[index] as string);
    if (alternatives === null) index++;
    else patterns = [...patterns.slice(0, index), ...alternatives, ...patterns.slice(index + 1)];
  }
  return patterns.slice(0, MOST_ALTERNATIVES);
}

function expandFirst(pattern: string): string[] | null {
  for (let open = pattern.indexOf("{"); open >= 0; open = pattern.indexOf("{", open + 1)) {
    const commas: number[] = [];
    let depth = 0;
    for (let at = open; at < pattern.length; at++) {
      if (pattern[at] === "{") depth++;
      else if (pattern[at] === "," && depth === 1) commas.push(at);
      else if (pattern[at] === "}" && --depth === 0) {
        if (commas.length === 0) break;
        const bounds = [open, ...commas, at];
        const parts = bounds.slice(1).map((end, index) => pattern.slice((bounds[index] as number) + 1, end));
        return parts.map((part) => pattern.slice(0, open) + part + pattern.slice(at + 1));
      }
    }
  }
  return null;
}

/** True when the pattern stands for any number of names. */
export function hasWildcard(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** A matcher for one component of a path, as glob(7): `*`, `?`, `[a-z]`, `[!a-z]`; a leading dot must be written. */
export function componentMatcher(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/\[[!^]?\]?[^\]]*\]|\\.|[\s\S]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part.length > 2 && part.startsWith("["))
      return part
        .replace(/^\[[!^]/, "[^")
        .replace(/[\\]/g, "\\\\")
        .replace(/(?<=^\[\^?)\]/, "\\]")
        .replace(/(?<!^)\[/g, "\\[");
    return (part.startsWith("\\") && part.length === 2 ? part.slice(1) : part).replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  });
  const expression = compiled(source);
  return (name) => expression.test(name) && (pattern.startsWith(".") || !name.startsWith("."));
}

/** An expression that matches nothing where the pattern has a range that is none ("[z-a]"). */
function compiled(source: string): RegExp {
  try {
    return new RegExp(`^${source}$`, "s");
  } catch (error) {
    if (error instanceof SyntaxError) return /(?!)/;
    throw error;
  }
}
