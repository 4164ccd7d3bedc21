#!/usr/bin/env node
import type { Command } from "commander";
import { commands, createProgram } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { withoutUnknownHelp } from "./usage.ts";

// keepalived's way to its genhash.
if (process.argv[2] === "run" && ["-T", "--genhash"].includes(process.argv[3] ?? ""))
  process.argv.splice(2, 2, "genhash");

const program = await createProgram(wanted(process.argv[2]));
for (const command of [program, ...program.commands]) command.exitOverride(usageError);

/** The command that is called; all of them for help, for none and for a misspelt one. */
function wanted(word: string | undefined): readonly (() => Promise<Command>)[] {
  if (word === "-v" || word === "--version") return [];
  const called = Object.hasOwn(commands, word ?? "") ? commands[word ?? ""] : undefined;
  return called === undefined ? Object.values(commands) : [called];
}

/** commander ends with 1 for a wrong command line; ours is the status for usage. */
function usageError(error: { readonly exitCode: number }): never {
  process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
}

// A reader that went away ("lbctl status | head") is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCodes.ok);
});

const words = withoutUnknownHelp(process.argv.slice(2), (word) => Object.hasOwn(commands, word));
await program.parseAsync([...words], { from: "user" });
