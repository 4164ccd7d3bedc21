import { join } from "node:path";

const checkout = join(import.meta.dirname, "../..");

/** Shell text that runs a program of the checkout, given by its path from there, with the project's Node. */
export function nodeCommand(program: string, ...words: readonly string[]): string {
  return [join(checkout, "node_modules/.bin/node"), join(checkout, program), ...words].map(quoted).join(" ");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
