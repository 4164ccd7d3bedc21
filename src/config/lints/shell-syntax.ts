import { parseCommandLine } from "../../notify/command-line.ts";

/** Single quotes and backslashes hide from a shell, too. */
const HIDDEN = /'[^']*'|\\./g;
const DOUBLE_QUOTED = /"[^"]*"/g;
const VARIABLE = /\$[A-Za-z_{][A-Za-z0-9_]*\}?/;
/** Operators that stand inside a word, homes and patterns in paths. */
const IN_WORD = /^~\/.*|^[^\s:]*(?:\|\|?|&&|;)[^\s]*$|^\S*\/\S*[*]\S*$/;

/**
 * What a shell would act on, in a command line that none reads because nothing in it calls for one; null for nothing. URLs, and
 * what is quoted for good, are left alone.
 */
export function leftToShell(command: string): string | null {
  const line = parseCommandLine(command);
  if (line.kind !== "program") return null;
  if (/(?:^|\/)(?:ba|da|k|z)?sh$/.test(line.argv[0]) && line.argv.some((word) => /^-[a-z]*c$/.test(word))) return null;
  const open = command.replaceAll(HIDDEN, "");
  const variable = VARIABLE.exec(open);
  if (variable !== null) return variable[0];
  const words = open.replaceAll(DOUBLE_QUOTED, "").split(/\s+/);
  return words.find((word) => !word.includes("://") && IN_WORD.test(word)) ?? null;
}
