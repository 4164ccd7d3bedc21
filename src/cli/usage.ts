import type { Command } from "commander";

/** Refuses words behind a command that takes fewer; a word that looks like a file is shown where it belongs. */
export function refuseExcessWords(command: Command): Command {
  return command.allowExcessArguments().hook("preAction", () => {
    const word = command.args[command.registeredArguments.length];
    if (word !== undefined) command.error(`error: ${excessWord(command, word)}`);
  });
}

function excessWord(command: Command, word: string): string {
  const isFile = /[./]/.test(word) && command.options.some(({ long }) => long === "--use-file");
  return `'${command.name()}' takes no '${word}'${isFile ? `\n(Did you mean -f ${word}?)` : ""}`;
}

/** The words of the command line; of a command that does not exist only its name, so that asking for its help is an error, too. */
export function withoutUnknownHelp(words: readonly string[], isCommand: (word: string) => boolean): readonly string[] {
  const asked = words[0] === "help" ? words[1] : words[0];
  const known = asked === undefined || asked === "help" || asked.startsWith("-") || isCommand(asked);
  return known ? words : [asked];
}
