import { formatDuration } from "@lbctl/checkers";
import { Command } from "commander";
import type { FailoverResult } from "../control/api.ts";
import { ask } from "./ask.ts";
import { controlSocket, reportFailure } from "./daemon-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { runDirOption } from "./run-dir-option.ts";

interface FailoverOptions {
  readonly json?: true;
  readonly wait: boolean;
  readonly runDir?: string;
}

/** `lbctl failover INSTANCE`: another router becomes master, without anybody missing an answer. */
export function failoverCommand(): Command {
  return new Command("failover")
    .description("hand a VRRP instance over to another router (with its sync group), and say which one took it")
    .argument("<instance>", "name of the vrrp_instance")
    .option("--no-wait", "do not wait until it is known who is master")
    .option("--json", "print the result as JSON")
    .addOption(runDirOption())
    .action(async (instance: string, options: FailoverOptions) => {
      const json = options.json === true;
      try {
        const request = { instance, wait: options.wait };
        print(await ask(controlSocket(options), "POST /v1/failover", request), json);
      } catch (error) {
        reportFailure("failover", error, json);
      }
    });
}

function print(result: FailoverResult, json: boolean): void {
  const isDone = result.outcome === "handed_over" || result.outcome === "begun";
  if (!isDone) process.exitCode = exitCodes.failed;
  if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else (isDone ? process.stdout : process.stderr).write(`${sentence(result)}\n`);
}

function sentence({ instance, outcome, master, state, reason, took_ms }: FailoverResult): string {
  const took = formatDuration(took_ms);
  switch (outcome) {
    case "begun":
      return `${instance} resigns; "lbctl status" shows who has taken over.`;
    case "handed_over":
      return `${instance} is handed over: ${master?.address} is master with priority ${master?.priority}, after ${took}.`;
    case "nobody_took_over": {
      const now = state === "master" ? "it is master as before" : "it is backup, and master again if it hears nobody";
      return `lbctl failover: nobody took ${instance} over within ${took}; ${now}\n  Does another router run it, and do its adverts come through? "lbctl status" there says what it hears.`;
    }
    case "ended":
      return `lbctl failover: ${instance} is ${state} now: ${reason}\n  "lbctl status" shows it.`;
  }
}
