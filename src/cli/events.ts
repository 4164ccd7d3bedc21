import { Command } from "commander";
import { readEvents } from "../control/client.ts";
import type { EventEntry } from "../control/event-log.ts";
import type { Severity } from "../log/record.ts";
import { controlSocket, reportFailure } from "./daemon-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { runDirOption } from "./run-dir-option.ts";
import { type Paint, paintFor } from "./style.ts";

interface EventsOptions {
  readonly follow?: true;
  readonly since?: string;
  readonly json?: true;
  readonly runDir?: string;
}

/** `lbctl events`: what changed, in order, with reasons. */
export function eventsCommand(): Command {
  return new Command("events")
    .description("show state changes in their order, with their reasons (the last 100, or all since a number)")
    .option("--follow", "go on with those that happen from now on, until interrupted")
    .option("--since <seq>", "begin with the event of this number")
    .option("--json", "a JSON object a line")
    .addOption(runDirOption())
    .action(async (options: EventsOptions) => {
      if (options.since !== undefined && !/^\d{1,15}$/.test(options.since)) {
        process.stderr.write(`lbctl events: --since takes the number of an event, not "${options.since}"\n`);
        process.exitCode = exitCodes.usage;
        return;
      }
      const paint = paintFor(process.stdout);
      const query = {
        since: options.since === undefined ? null : Number(options.since),
        follow: options.follow === true,
      };
      try {
        for await (const entry of readEvents(controlSocket(options), query)) {
          const line = options.json === true ? JSON.stringify(entry) : renderEvent(entry, paint);
          // A slow terminal holds the reading up, and nothing else.
          if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once("drain", resolve));
        }
      } catch (error) {
        reportFailure("events", error, options.json === true);
      }
    });
}

const colourOf: Partial<Record<Severity, Parameters<Paint>[0]>> = { error: "red", warning: "yellow" };

/** A line for people. */
export function renderEvent(entry: EventEntry, paint: Paint): string {
  if (entry.event === "events_lost")
    return paint("yellow", `${entry.lost} events are lost: they came faster than they were read`);
  const colour = colourOf[entry.severity];
  const message = colour === undefined ? entry.message : paint(colour, entry.message);
  return `${entry.seq}  ${entry.at}  ${entry.severity.padEnd(7)} ${message}`;
}
