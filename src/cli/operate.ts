import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "commander";
import type { ChangeResult } from "../control/api.ts";
import type { StatusDocument } from "../control/status-document.ts";
import { countOf } from "../text/count.ts";
import { ask } from "./ask.ts";
import { controlSocket, reportFailure } from "./daemon-command.ts";
import { parseDurationS } from "./duration.ts";
import { exitCodes } from "./exit-codes.ts";
import { lostQuorum } from "./lost-quorum.ts";
import { runDirOption } from "./run-dir-option.ts";

interface TargetOptions {
  readonly virtualServer?: string;
  readonly for?: string;
  readonly json?: true;
  readonly runDir?: string;
}

interface DrainOptions extends TargetOptions {
  readonly wait?: true;
  readonly timeout: string;
}

type Place = { readonly real_server: string; readonly virtual_server: string | null };

/** `lbctl drain`: no new connections, and those that are there may end. */
export function drainCommand(): Command {
  return target("drain", "give a real server no new connections, and let it finish those it has (weight 0)")
    .addOption(forOption())
    .option("--wait", "wait until it has no active connection left, and show how many there are")
    .option("--timeout <duration>", "with --wait: give up after this long (90s, 30m, 2h)", "5m")
    .action((realServer: string, options: DrainOptions) =>
      act("drain", realServer, options, async (socket, place, forS) => {
        const timeoutS = parseDurationS(options.timeout);
        if (timeoutS === null) throw new WrongDuration("--timeout", options.timeout);
        const before = await ask(socket, "GET /v1/status", null);
        const result = await ask(socket, "POST /v1/drain", { ...place, for_s: forS });
        warn("drain", before, result, place);
        const left = options.wait === true ? await drained(socket, place, timeoutS, options) : null;
        return { result, text: told(result, "drained"), more: left === null ? {} : { active: left } };
      }),
    );
}

/** `lbctl undrain`: takes a drain back. */
export function undrainCommand(): Command {
  return target("undrain", "let a drained real server take new connections again").action(
    (realServer: string, options: TargetOptions) =>
      act("undrain", realServer, options, async (socket, place) => {
        const result = await ask(socket, "POST /v1/undrain", place);
        return { result, text: told(result, "no longer drained"), more: {} };
      }),
  );
}

/** `lbctl disable`: out of the table. */
export function disableCommand(): Command {
  return target("disable", "take a real server out of the table at once, whatever its health")
    .addOption(forOption())
    .action((realServer: string, options: TargetOptions) =>
      act("disable", realServer, options, async (socket, place, forS) => {
        const before = await ask(socket, "GET /v1/status", null);
        const result = await ask(socket, "POST /v1/disable", { ...place, for_s: forS });
        warn("disable", before, result, place);
        return { result, text: told(result, "disabled"), more: {} };
      }),
    );
}

/** `lbctl enable`: takes a disable back. */
export function enableCommand(): Command {
  return target("enable", "put a disabled real server back, if its checks pass").action(
    (realServer: string, options: TargetOptions) =>
      act("enable", realServer, options, async (socket, place) => {
        const result = await ask(socket, "POST /v1/enable", place);
        return { result, text: told(result, "no longer disabled"), more: {} };
      }),
  );
}

/** `lbctl weight`: another weight than the configured one. */
export function weightCommand(): Command {
  return target("weight", "give a real server another weight than the configured one")
    .argument("<weight>", 'a weight from 0 to 65535, or "configured" for that of the configuration')
    .addOption(forOption())
    .action((realServer: string, text: string, options: TargetOptions) =>
      act("weight", realServer, options, async (socket, place, forS) => {
        const weight = text === "configured" ? null : Number(text);
        if (weight !== null && !(/^\d+$/.test(text) && weight <= 65_535)) throw new WrongWeight(text);
        const result = await ask(socket, "POST /v1/weight", { ...place, weight, for_s: forS });
        const what = weight === null ? "at the configured weight" : `at weight ${weight}`;
        return { result, text: told(result, what), more: {} };
      }),
    );
}

/** `lbctl check`: the checks of a real server, now. */
export function checkCommand(): Command {
  return target("check", "run the checks of a real server now instead of when they are due").action(
    (realServer: string, options: TargetOptions) =>
      act("check", realServer, options, async (socket, place) => {
        const result = await ask(socket, "POST /v1/check", place);
        const text = `${countOf(result.checks, "check")} of ${result.real_servers.join(", ")} started; "lbctl status" shows what comes of it.`;
        return { result, text, more: {} };
      }),
  );
}

class WrongDuration extends Error {
  constructor(option: string, text: string) {
    super(`${option} takes a duration such as 90s, 30m, 2h or 1d, not "${text}"`);
  }
}

class WrongWeight extends Error {
  constructor(text: string) {
    super(`the weight is a number from 0 to 65535, or "configured", not "${text}"`);
  }
}

class StillConnected extends Error {}

function target(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument("<real-server>", "10.0.0.11:80, [2001:db8::11]:80, or an address alone for every port of it")
    .option("--virtual-server <name>", "only in this virtual server (default: in every one that has it)")
    .option("--json", "print the result as JSON")
    .addOption(runDirOption());
}

function forOption(): Option {
  return new Option("--for <duration>", "only for so long (90s, 30m, 2h, 1d), then as before");
}

async function act(
  command: string,
  realServer: string,
  options: TargetOptions,
  request: (
    socket: string,
    place: Place,
    forS: number | null,
  ) => Promise<{ readonly result: object; readonly text: string; readonly more: object }>,
): Promise<void> {
  const json = options.json === true;
  try {
    const forS = options.for === undefined ? null : parseDurationS(options.for);
    if (options.for !== undefined && forS === null) throw new WrongDuration("--for", options.for);
    const place = { real_server: realServer, virtual_server: options.virtualServer ?? null };
    const { result, text, more } = await request(controlSocket(options), place, forS);
    process.stdout.write(`${json ? JSON.stringify({ ...result, ...more }, null, 2) : text}\n`);
  } catch (error) {
    if (error instanceof WrongDuration || error instanceof WrongWeight) {
      process.stderr.write(`lbctl ${command}: ${error.message}\n`);
      process.exitCode = exitCodes.usage;
    } else if (error instanceof StillConnected) {
      process.stderr.write(`lbctl ${command}: ${error.message}\n`);
      process.exitCode = exitCodes.failed;
    } else reportFailure(command, error, json);
  }
}

/** Says on standard error which virtual servers lost their quorum by a change; it is made all the same. */
function warn(command: string, before: StatusDocument, { real_servers }: ChangeResult, place: Place): void {
  for (const each of lostQuorum(before, real_servers, place.virtual_server))
    process.stderr.write(`lbctl ${command}: warning: ${each}\n`);
}

function told({ real_servers, changed }: ChangeResult, what: string): string {
  const names = real_servers.join(", ");
  const verb = real_servers.length === 1 ? "is" : "are";
  return changed === 0 ? `${names}: nothing to change.` : `${names} ${verb} ${what}.`;
}

/** Waits until nothing is connected; progress goes to standard error. Resolves with what is left, 0. */
async function drained(socket: string, place: Place, timeoutS: number, { json }: DrainOptions): Promise<number> {
  const deadlineMs = performance.now() + timeoutS * 1000;
  let shown = -1;
  for (;;) {
    const { active } = await ask(socket, "POST /v1/connections", place);
    if (active !== shown && json !== true) process.stderr.write(`${countOf(active, "active connection")}\n`);
    shown = active;
    if (active === 0) return 0;
    if (performance.now() >= deadlineMs) {
      const more = 'it stays drained; wait on with the same command, or end them with "lbctl disable"';
      throw new StillConnected(`${countOf(active, "active connection")} left after ${timeoutS} s: ${more}`);
    }
    await sleep(Math.min(1000, Math.max(50, deadlineMs - performance.now())));
  }
}
