import { Command } from "commander";
import { version } from "../version.ts";
import { helpExamples } from "./manual/help-examples.ts";
import { explainFile, helpLayout, refuseExcessWords } from "./usage.ts";

/** Every command, in the order of the help. Loaded one at a time: `status` has no use for what `validate` needs. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./run.ts")).runCommand(),
  status: async () => (await import("./status.ts")).statusCommand(),
  plan: async () => (await import("./plan.ts")).planCommand(),
  reload: async () => (await import("./reload.ts")).reloadCommand(),
  upgrade: async () => (await import("./upgrade.ts")).upgradeCommand(),
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
  doctor: async () => (await import("./doctor.ts")).doctorCommand(),
  convert: async () => (await import("./convert.ts")).convertCommand(),
  genhash: async () => (await import("./genhash.ts")).genhashCommand(),
  probe: async () => (await import("./probe.ts")).probeCommand(),
  schema: async () => (await import("./schema.ts")).schemaCommand(),
  completion: async () => (await import("./completion.ts")).completionCommand(createWholeProgram),
  demo: async () => (await import("./demo.ts")).demoCommand(),
};

/** `lbctl` with the given commands of the table above. */
export async function createProgram(loaders: readonly (() => Promise<Command>)[]): Promise<Command> {
  const program = new Command("lbctl")
    .description("Health-checking Layer-4 load-balancer controller for Linux IPVS")
    .version(`lbctl ${version}`, "-v, --version")
    // What follows a command is the command's: its -v may be another.
    .enablePositionalOptions()
    .configureHelp(helpLayout)
    .showHelpAfterError('(see "lbctl --help")');
  for (const command of await Promise.all(loaders.map((load) => load()))) {
    const examples = helpExamples(command.name());
    if (examples !== null) command.addHelpText("after", `\n${examples}`);
    command.configureHelp(helpLayout);
    program.addCommand(
      explainFile(refuseExcessWords(command)).showHelpAfterError(`(see "lbctl ${command.name()} --help")`),
    );
  }
  return program;
}

/** `lbctl` with every command. */
export function createWholeProgram(): Promise<Command> {
  return createProgram(Object.values(commands));
}
