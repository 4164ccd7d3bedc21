import { Command } from "commander";
import { controlSocket } from "./daemon-command.ts";
import { printUpgrade, upgrade } from "./print-upgrade.ts";
import { reportRefusal } from "./reload.ts";
import { runDirOption } from "./run-dir-option.ts";

interface UpgradeOptionsGiven {
  readonly ifChanged?: true;
  readonly json?: true;
  readonly runDir?: string;
}

/** `lbctl upgrade`: the running director is replaced by the program on the disk, in place. */
export function upgradeCommand(): Command {
  return new Command("upgrade")
    .description(
      "replace the running director by the lbctl on the disk, in place: no connection and no virtual address moves; if that fails, it goes on as it was",
    )
    .option("--if-changed", "only if the program on the disk is not the one that runs")
    .option("--json", "print the result as JSON")
    .addOption(runDirOption())
    .action(async (options: UpgradeOptionsGiven) => {
      const json = options.json === true;
      try {
        printUpgrade(await upgrade(controlSocket(options), options.ifChanged === true, json), json);
      } catch (error) {
        reportRefusal("upgrade", error, json);
      }
    });
}
