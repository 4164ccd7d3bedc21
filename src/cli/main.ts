#!/usr/bin/env node
import { Command } from "commander";
import { version } from "../version.ts";
import { exitCodes } from "./exit-codes.ts";

/** Every command, in the order of the help. Loaded one at a time: `status` has no use for what `validate` needs. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./run.ts")).runCommand(),
  status: async () => (await import("./status.ts")).statusCommand(),
  plan: async () => (await import("./plan.ts")).planCommand(),
  reload: async () => (await import("./reload.ts")).reloadCommand(),
  drain: async () => (await import("./operate.ts")).drainCommand(),
  undrain: async () => (await import("./operate.ts")).undrainCommand(),
  disable: async () => (await import("./operate.ts")).disableCommand(),
  enable: async () => (await import("./operate.ts")).enableCommand(),
  weight: async () => (await import("./operate.ts")).weightCommand(),
  check: async () => (await import("./operate.ts")).checkCommand(),
  events: async () => (await import("./events.ts")).eventsCommand(),
  "log-level": async () => (await import("./log-level.ts")).logLevelCommand(),
  failover: async () => (await import("./failover.ts")).failoverCommand(),
  validate: async () => (await import("./validate.ts")).validateCommand(),
  convert: async () => (await import("./convert.ts")).convertCommand(),
  genhash: async () => (await import("./genhash.ts")).genhashCommand(),
  probe: async () => (await import("./probe.ts")).probeCommand(),
  schema: async () => (await import("./schema.ts")).schemaCommand(),
  demo: async () => (await import("./demo.ts")).demoCommand(),
};

// keepalived's way to its genhash.
if (process.argv[2] === "run" && ["-T", "--genhash"].includes(process.argv[3] ?? ""))
  process.argv.splice(2, 2, "genhash");

const program = new Command("lbctl")
  .description("Health-checking Layer-4 load-balancer controller for Linux IPVS")
  .version(`lbctl ${version}`, "-v, --version")
  // What follows a command is the command's: its -v may be another.
  .enablePositionalOptions()
  .showHelpAfterError('(see "lbctl --help")');

for (const command of await Promise.all(wanted(process.argv[2]).map((load) => load()))) {
  command.showHelpAfterError(`(see "lbctl ${command.name()} --help")`).exitOverride(usageError);
  program.addCommand(command);
}

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

program.exitOverride(usageError);
await program.parseAsync();
