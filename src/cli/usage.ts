import { type Command, Help, type HelpConfiguration } from "commander";

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

/** A word as a shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Below so many columns what is explained stands above its explanation. */
const narrow = 72;
const indent = "      ";

/** Help for terminals of any width. */
export const helpLayout: HelpConfiguration = {
  minWidthToWrap: 20,
  formatItem(term: string, termWidth: number, description: string, helper: Help): string {
    const width = helper.helpWidth ?? 80;
    if (width >= narrow || description === "") {
      return Help.prototype.formatItem.call(helper, term, termWidth, description, helper);
    }
    const lines = helper.boxWrap(description, width - indent.length).split("\n");
    return [`  ${term}`, ...lines.map((line) => `${indent}${line}`)].join("\n");
  },
};

/** Says of a command that asks the director whose file counts, to who names one. */
export function explainFile(command: Command): Command {
  const [speaks, takesFile] = ["--run-dir", "--use-file"].map((name) =>
    command.options.some(({ long }) => long === name),
  );
  if (speaks !== true || takesFile === true) return command;
  return command.configureOutput({
    outputError: (text, write) => {
      const names = /unknown option '(-f|--use-file)'/.test(text);
      write(names ? `${text}(The file is the one that the director was started with, by lbctl run -f.)\n` : text);
    },
  });
}
