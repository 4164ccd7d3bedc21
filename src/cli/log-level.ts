import { Argument, Command } from "commander";
import { type Severity, severities } from "../log/record.ts";
import { ask } from "./ask.ts";
import { controlSocket, reportFailure } from "./daemon-command.ts";
import { runDirOption } from "./run-dir-option.ts";

/** `lbctl log-level LEVEL`: until the next start. */
export function logLevelCommand(): Command {
  return new Command("log-level")
    .description("change what the running director logs, until it is started again")
    .addArgument(new Argument("<level>", "the least severe that is logged").choices(severities))
    .option("--json", "print the result as JSON")
    .addOption(runDirOption())
    .action(async (level: Severity, options: { readonly json?: true; readonly runDir?: string }) => {
      try {
        const result = await ask(controlSocket(options), "POST /v1/log-level", { level });
        const text =
          options.json === true ? JSON.stringify(result, null, 2) : `Log level ${result.was} -> ${result.level}.`;
        process.stdout.write(`${text}\n`);
      } catch (error) {
        reportFailure("log-level", error, options.json === true);
      }
    });
}
