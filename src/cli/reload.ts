import { formatDuration } from "@lbctl/checkers";
import { Command } from "commander";
import { ControlError, type ReloadResult } from "../control/api.ts";
import { describeChanges } from "../control/describe-changes.ts";
import { ask } from "./ask.ts";
import { controlSocket, reportFailure } from "./daemon-command.ts";
import { writeDiagnostics } from "./diagnostics.ts";
import { exitCodes } from "./exit-codes.ts";
import { printUpgrade, upgrade } from "./print-upgrade.ts";
import { runDirOption } from "./run-dir-option.ts";

/** `lbctl reload`: waits until the daemon has applied its configuration file again, and says what changed or why it was refused. */
export function reloadCommand(): Command {
  return new Command("reload")
    .description(
      "validate the daemon's configuration file and apply what changed; a broken one is refused and nothing changes",
    )
    .option("--upgrade", 'as "lbctl upgrade" if the program on the disk is not the one that runs, otherwise reload')
    .option("--json", "print the result as JSON")
    .addOption(runDirOption())
    .action(async (options: { readonly upgrade?: true; readonly json?: true; readonly runDir?: string }) => {
      try {
        if (options.upgrade === true && (await upgradeIfChanged(options))) return;
        print(await ask(controlSocket(options), "POST /v1/reload", null), options.json === true);
      } catch (error) {
        reportRefusal("reload", error, options.json === true);
      }
    });
}

/** An upgrade reloads what changed. Says whether there was one. */
async function upgradeIfChanged(options: { readonly json?: true; readonly runDir?: string }): Promise<boolean> {
  const json = options.json === true;
  const result = await upgrade(controlSocket(options), true, json);
  if (result.upgraded) printUpgrade(result, json);
  return result.upgraded;
}

function print(result: ReloadResult, json: boolean): void {
  if (result.refused.length > 0 || result.unavailable !== null) process.exitCode = exitCodes.failed;
  if (json) {
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  writeDiagnostics(result.warnings);
  const counts = Object.entries(result.operations).filter(([, count]) => count > 0);
  const operations = counts.map(([kind, count]) => `${count} ${kind}`).join(", ");
  const changes = [...(operations === "" ? [] : [operations]), ...describeChanges(result.changes)];
  const nothing = result.refused.length > 0 ? "nothing of what is new was taken" : "nothing changed";
  const changed = changes.length === 0 ? nothing : changes.join("; ");
  process.stdout.write(
    `Configuration ${result.generation} (${result.file}) is in force after ${formatDuration(result.took_ms)}: ${changed}.\n`,
  );
  if (result.unavailable !== null) {
    process.stderr.write(
      `The data plane cannot be reached: ${result.unavailable}\n  What is missing is written when it returns.\n`,
    );
  }
  for (const { cause } of result.refused) process.stderr.write(`refused: ${cause}\n`);
}

/** Like reportFailure; a configuration that was refused is shown with its diagnostics. */
export function reportRefusal(command: string, error: unknown, json: boolean): void {
  if (!json && error instanceof ControlError) writeDiagnostics(error.diagnostics ?? []);
  reportFailure(command, error, json);
}
