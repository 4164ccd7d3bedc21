/** How a script's command line is run. */
export type CommandLine =
  /** The program, found on the PATH unless it is a path, and its arguments. */
  | { readonly kind: "program"; readonly argv: readonly [string, ...string[]] }
  /** By /bin/sh -c, because of this shell syntax. */
  | { readonly kind: "shell"; readonly text: string; readonly because: string }
  | { readonly kind: "invalid"; readonly problem: "empty" | "unclosed-quote" | "lone-backslash" };

interface Word {
  readonly text: string;
  /** No part of it was quoted or escaped. */
  readonly plain: boolean;
}

/**
 * Splits a command line as keepalived does: words at blanks; 'single' and "double" quotes and backslashes; no variables, no
 * patterns. keepalived hands operators of the shell to the program as arguments, which nobody wants: a line in which one
 * stands where an operator stands (a word of its own, a redirection, a substitution, a keyword in front) goes to the shell.
 */
export function parseCommandLine(text: string): CommandLine {
  const words = splitWords(text);
  if (typeof words === "string") return { kind: "invalid", problem: words };
  const [first, ...rest] = words;
  if (first === undefined || first.text === "") return { kind: "invalid", problem: "empty" };
  const because = shellSyntax(words);
  if (because !== null) return { kind: "shell", text, because };
  return { kind: "program", argv: [first.text, ...rest.map((word) => word.text)] };
}

const control = /^(\|\|?|\|&|&&?|;|;;)$/;
const redirection = /^(\d*|&)(>>?|<<?<?)(&?\S*)$/;
const listEnd = /[^\\];$/;
const substitution = /\$\(|`/;
const keyword = /^(if|for|while|until|case|!|\{|\()$/;
const assignment = /^[A-Za-z_]\w*=/;

function shellSyntax(words: readonly Word[]): string | null {
  const first = words[0];
  if (first?.plain && (keyword.test(first.text) || assignment.test(first.text))) return first.text;
  const found = words.find(
    ({ text, plain }) =>
      plain && (control.test(text) || redirection.test(text) || listEnd.test(text) || substitution.test(text)),
  );
  return found?.text ?? null;
}

function splitWords(text: string): Word[] | "unclosed-quote" | "lone-backslash" {
  const words: Word[] = [];
  let word: string | null = null;
  let plain = true;
  let at = 0;
  while (at < text.length) {
    const char = text[at] as string;
    if (/\s/.test(char)) {
      if (word !== null) words.push({ text: word, plain });
      [word, plain] = [null, true];
      at++;
    } else if (char === "\\") {
      if (at + 1 >= text.length) return "lone-backslash";
      word = (word ?? "") + text[at + 1];
      plain = false;
      at += 2;
    } else if (char === "'" || char === '"') {
      const quoted = readQuoted(text, at);
      if (quoted === null) return "unclosed-quote";
      word = (word ?? "") + quoted.text;
      plain = false;
      at = quoted.end;
    } else {
      word = (word ?? "") + char;
      at++;
    }
  }
  if (word !== null) words.push({ text: word, plain });
  return words;
}

/** From a quote to its partner; a backslash counts in double quotes before a quote or another backslash. */
function readQuoted(text: string, start: number): { readonly text: string; readonly end: number } | null {
  const quote = text[start] as string;
  let found = "";
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at] as string;
    const next = text[at + 1];
    if (char === quote) return { text: found, end: at + 1 };
    if (quote === '"' && char === "\\" && (next === '"' || next === "\\")) {
      found += next;
      at++;
    } else found += char;
  }
  return null;
}
