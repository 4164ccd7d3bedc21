import { Command } from "commander";
import { requestControl } from "../control/client.ts";
import { controlSocket, reportFailure } from "./daemon-command.ts";
import { runDirOption } from "./run-dir-option.ts";

interface FailoverOptions {
  readonly json?: true;
  readonly runDir?: string;
}

/** `lbctl failover INSTANCE`: another router becomes master, without anybody missing an answer. */
export function failoverCommand(): Command {
  return new Command("failover")
    .description(
      "hand a VRRP instance over to another router (with its sync group): resign, and answer until that one does",
    )
    .argument("<instance>", "name of the vrrp_instance")
    .option("--json", "print the result as JSON")
    .addOption(runDirOption())
    .action(async (instance: string, options: FailoverOptions) => {
      try {
        const result = await requestControl(controlSocket(options), "POST /v1/failover", { instance });
        const text =
          options.json === true
            ? JSON.stringify(result, null, 2)
            : `${result.instance} resigns; "lbctl status" shows who has taken over.`;
        process.stdout.write(`${text}\n`);
      } catch (error) {
        reportFailure("failover", error, options.json === true);
      }
    });
}
