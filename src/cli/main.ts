#!/usr/bin/env node
import { Command } from "commander";
import { version } from "../version.ts";
import { demoCommand } from "./demo.ts";
import { exitCodes } from "./exit-codes.ts";
import { genhashCommand } from "./genhash.ts";
import { planCommand } from "./plan.ts";
import { reloadCommand } from "./reload.ts";
import { runCommand } from "./run.ts";
import { schemaCommand } from "./schema.ts";
import { statusCommand } from "./status.ts";
import { validateCommand } from "./validate.ts";

const program = new Command("lbctl")
  .description("Health-checking Layer-4 load-balancer controller for Linux IPVS")
  .version(`lbctl ${version}`, "-v, --version")
  .addCommand(runCommand())
  .addCommand(statusCommand())
  .addCommand(planCommand())
  .addCommand(reloadCommand())
  .addCommand(validateCommand())
  .addCommand(genhashCommand())
  .addCommand(schemaCommand())
  .addCommand(demoCommand())
  .showHelpAfterError('(see "lbctl --help")');

for (const command of program.commands) {
  command.showHelpAfterError(`(see "lbctl ${command.name()} --help")`).exitOverride(usageError);
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
