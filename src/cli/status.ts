import { Command, Option } from "commander";
import type { StatusDocument } from "../control/status-document.ts";
import { ask } from "./ask.ts";
import { controlSocket, describeFailure, reportFailure } from "./daemon-command.ts";
import { renderStatus } from "./render-status.ts";
import { runDirOption } from "./run-dir-option.ts";
import { type NameKind, nameKinds, namesIn } from "./status-names.ts";
import { type Paint, paintFor } from "./style.ts";

interface StatusOptions {
  readonly json?: true;
  readonly watch?: string | true;
  readonly names?: NameKind;
  readonly runDir?: string;
}

/** `lbctl status`: the table once, or again and again with --watch. */
export function statusCommand(): Command {
  return new Command("status")
    .description("show VRRP instances, BFD sessions, virtual and real servers: state, since when, and why")
    .option("--json", "print the status document (docs/status-json.md)")
    .option("--watch [seconds]", "print again every so many seconds (default 1)")
    .addOption(new Option("--names <kind>", "print only the names, one a line").choices(nameKinds).conflicts("watch"))
    .addOption(runDirOption())
    .action(async (options: StatusOptions) => {
      const socket = controlSocket(options);
      if (options.watch !== undefined) return watch(socket, options);
      try {
        print(await ask(socket, "GET /v1/status", null), options);
      } catch (error) {
        reportFailure("status", error, options.json === true);
      }
    });
}

function print(status: StatusDocument, options: StatusOptions): void {
  if (options.names !== undefined) {
    const names = namesIn(status, options.names);
    const text = options.json === true ? JSON.stringify(names, null, 2) : names.join("\n");
    if (text !== "") process.stdout.write(`${text}\n`);
    return;
  }
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(status, null, options.watch === undefined ? 2 : 0)}\n`);
    return;
  }
  process.stdout.write(`${renderStatus(status, Date.now(), paintFor(process.stdout)).join("\n")}\n`);
}

/** Redraws in place on a terminal, appends otherwise. A daemon that is away for a while is waited for. */
async function watch(socket: string, options: StatusOptions): Promise<void> {
  const seconds = options.watch === true ? 1 : Number(options.watch);
  if (!(seconds >= 0.1 && seconds <= 3600)) {
    process.stderr.write(`lbctl status: --watch takes 0.1 to 3600 seconds, not "${options.watch}"\n`);
    process.exitCode = 2;
    return;
  }
  const paint: Paint = paintFor(process.stdout);
  const redraw = process.stdout.isTTY && options.json !== true;
  for (;;) {
    try {
      const status = await ask(socket, "GET /v1/status", null);
      if (redraw) process.stdout.write("\u001b[H\u001b[J");
      print(status, options);
    } catch (error) {
      const { message } = describeFailure(error);
      if (redraw) process.stdout.write("\u001b[H\u001b[J");
      process.stderr.write(`${paint("red", `lbctl status: ${message}`)}\n`);
    }
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}
