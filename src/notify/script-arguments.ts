import type { CommandLine } from "./command-line.ts";

/**
 * What is executed for a command line, with arguments added at its end; null for a line that is none. A line for the shell has
 * no end to add to: there they are "$1", "$2", ...
 */
export function scriptArguments(line: CommandLine, more: readonly string[]): [string, ...string[]] | null {
  switch (line.kind) {
    case "invalid":
      return null;
    case "program":
      return [...line.argv, ...more];
    case "shell":
      return ["/bin/sh", "-c", line.text, "sh", ...more];
  }
}
