import { Argument, Command } from "commander";
import { version } from "../version.ts";
import { commandTree } from "./command-tree.ts";
import { bashCompletion } from "./completion/bash.ts";
import { fishCompletion } from "./completion/fish.ts";
import { zshCompletion } from "./completion/zsh.ts";

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** `lbctl completion SHELL`: the script that makes a shell complete the command line of the whole program. */
export function completionCommand(wholeProgram: () => Promise<Command>): Command {
  return new Command("completion")
    .description("print the script that makes a shell complete this command line")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(scripts)))
    .action(async (shell: keyof typeof scripts) => {
      const tree = commandTree(await wholeProgram());
      process.stdout.write(scripts[shell](tree, version));
    });
}
