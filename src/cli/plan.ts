import { resolve } from "node:path";
import { Command } from "commander";
import type { OperationSummary, PlanResult } from "../control/api.ts";
import { describeChanges } from "../control/describe-changes.ts";
import { countOf } from "../text/count.ts";
import { ask } from "./ask.ts";
import { controlSocket } from "./daemon-command.ts";
import { writeDiagnostics } from "./diagnostics.ts";
import { reportRefusal } from "./reload.ts";
import { runDirOption } from "./run-dir-option.ts";
import { type Paint, paintFor } from "./style.ts";

interface PlanOptions {
  readonly useFile?: string;
  readonly json?: true;
  readonly runDir?: string;
}

/** `lbctl plan`: what a reload would change in the kernel, without changing it. */
export function planCommand(): Command {
  return new Command("plan")
    .description("show what a reload would change, without changing it")
    .option("-f, --use-file <file>", "plan with this file instead of the daemon's own")
    .option("--json", "print the operations as JSON")
    .addOption(runDirOption())
    .action(async (options: PlanOptions) => {
      try {
        const file = options.useFile === undefined ? null : resolve(options.useFile);
        print(await ask(controlSocket(options), "POST /v1/plan", { file }), options.json === true);
      } catch (error) {
        reportRefusal("plan", error, options.json === true);
      }
    });
}

function print(plan: PlanResult, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(plan, null, 2)}\n`);
    return;
  }
  writeDiagnostics(plan.warnings);
  const paint = paintFor(process.stdout);
  const lines = plan.operations.map((operation) => line(operation, paint));
  const count = plan.operations.length;
  const beside = describeChanges(plan.changes);
  lines.push(...beside);
  if (count > 0)
    lines.push(`${countOf(count, "operation")}. Apply ${count === 1 ? "it" : "them"} with "lbctl reload".`);
  else if (beside.length > 0) lines.push('The table stays as it is. Apply the rest with "lbctl reload".');
  else lines.push(`No change: the table is what ${plan.file} asks for.`);
  process.stdout.write(`${lines.join("\n")}\n`);
}

function line({ kind, object, detail }: OperationSummary, paint: Paint): string {
  const sign = kind.startsWith("new-")
    ? paint("green", "+")
    : kind.startsWith("del-")
      ? paint("red", "-")
      : paint("yellow", "~");
  return `${sign} ${object}${detail === "" ? "" : `  ${detail}`}`;
}
