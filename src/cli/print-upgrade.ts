import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration } from "@lbctl/checkers";
import type { UpgradeResult } from "../control/api.ts";
import { readEvents } from "../control/client.ts";
import { ask } from "./ask.ts";
import { writeDiagnostics } from "./diagnostics.ts";
import { exitCodes } from "./exit-codes.ts";

/** With the stages on standard error as they are reached, unless `silent`. */
export async function upgrade(socket: string, ifChanged: boolean, silent: boolean): Promise<UpgradeResult> {
  const stages = silent ? null : showStages(socket);
  try {
    return await ask(socket, "POST /v1/upgrade", { if_changed: ifChanged });
  } finally {
    await stages?.end();
  }
}

/** With its exit status: the configuration that came with the new program may be refused. */
export function printUpgrade(result: UpgradeResult, json: boolean): void {
  if (result.reload !== null && !("generation" in result.reload)) process.exitCode = exitCodes.failed;
  if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else printForPeople(result);
}

function printForPeople({ upgraded, from, to, carried, pauses_ms, took_ms, reload }: UpgradeResult): void {
  if (!upgraded) {
    process.stdout.write(
      `lbctl ${from.version} (process ${from.pid}) is the program on the disk: nothing to upgrade.\n`,
    );
    return;
  }
  const how = carried === "everything" ? "" : ", which goes on from what it found: the versions do not know each other";
  process.stdout.write(
    `lbctl ${to.version} (process ${to.pid}) has taken over from ${from.version} (process ${from.pid}) within ${formatDuration(took_ms)}${how}.\n`,
  );
  if (pauses_ms !== null) {
    const { vrrp, bfd, checks } = pauses_ms;
    process.stdout.write(`Nobody spoke VRRP for ${vrrp} ms and BFD for ${bfd} ms, or checked for ${checks} ms.\n`);
  }
  if (reload === null) return;
  if ("generation" in reload) {
    writeDiagnostics(reload.warnings);
    process.stdout.write(`Configuration ${reload.generation} (${reload.file}), which had changed, is in force.\n`);
  } else {
    process.stderr.write(`The configuration file has changed, and its reload is refused: ${reload.refused}\n`);
  }
}

/** Follows the events of the director until told to end; they are for people, and nothing depends on them. */
function showStages(socket: string): { end(): Promise<void> } {
  const over = new AbortController();
  const since = new Date().toISOString();
  const events = readEvents(socket, { since: null, follow: true, signal: over.signal });
  const reading = (async () => {
    try {
      for await (const { event, at, message } of events) {
        if (event === "upgrade" && at >= since) process.stderr.write(`${message}\n`);
      }
    } catch {
      // It is the answer that counts.
    }
  })();
  return {
    end: async () => {
      // What is on its way is still shown. A director that goes on tells nothing more, and does not end the stream either.
      await Promise.race([reading, sleep(200)]);
      over.abort();
      await reading;
    },
  };
}
