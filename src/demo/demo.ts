import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exchangeCount, removalBoundMs } from "@lbctl/checkers";
import { loadConfig } from "../config/load.ts";
import { ClientLoad } from "./client-load.ts";
import { type DemoServer, demoConfig } from "./config.ts";
import { DemoDirector } from "./demo-director.ts";
import { freePort } from "./free-port.ts";
import { liveLines, type Paint, plainLine } from "./live-view.ts";
import { observeLive } from "./observe-live.ts";
import type { Screen } from "./screen.ts";
import { type Judgement, judge, type Observation } from "./steps.ts";
import { summaryLines, type Totals } from "./summary.ts";
import { type Stage, type Step, tour } from "./tour.ts";
import { WebServers } from "./web-servers.ts";

export interface DemoOptions {
  /** Path of the command line's entry, which the director is started with. */
  readonly program: string;
  /** How a user writes `program` on this machine. */
  readonly command: string;
  /** End after the tour. */
  readonly once: boolean;
  readonly screen: Screen;
  readonly paint: Paint;
  /** Aborted when the user wants it to end. */
  readonly signal: AbortSignal;
}

type CleanEnd = Extract<Observation, { step: "clean-end" }>;

const requestsPerS = 100;
const redrawMs = 400;
const plainLineMs = 2000;

/** Runs the demo; true when every step did what it claims. Whatever happens, no process and no file is left. */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), "lbctl-demo-"));
  const servers = new WebServers();
  const cast: { director: DemoDirector | null; load: ClientLoad | null } = { director: null, load: null };
  let passed = false;
  try {
    passed = await perform(options, directory, servers, cast);
  } catch (error) {
    if (!options.signal.aborted) throw error;
    options.screen.say("Stopped before the end of the tour.");
  } finally {
    options.screen.draw([]);
    await cast.load?.stop();
    const ended = await end(cast.director, servers);
    const judgement = judge(ended);
    // After a failure a director that did not end well either is no news, a process that is left is.
    if (passed || ended.leftProcesses.length > 0) tell(options, judgement);
    passed &&= judgement.passed;
    rmSync(directory, { recursive: true, force: true });
  }
  return passed;
}

async function perform(
  options: DemoOptions,
  directory: string,
  servers: WebServers,
  cast: { director: DemoDirector | null; load: ClientLoad | null },
): Promise<boolean> {
  const { screen, signal } = options;
  const configured: readonly DemoServer[] = await Promise.all(
    ["web1", "web2", "web3"].map(async (name) => ({ name, port: await servers.start(name, 0), weight: 1 })),
  );
  const port = await freePort();
  const configFile = join(directory, "lbctl.yaml");
  mkdirSync(join(directory, "run"));
  writeFileSync(configFile, demoConfig(port, configured));
  const boundsMs = await bounds(configFile);

  screen.say(
    `Three web servers on 127.0.0.1, ports ${configured.map((server) => server.port).join(", ")}; configuration ${configFile}`,
  );
  const director = new DemoDirector(options.program, {
    directory,
    config: configFile,
    log: join(directory, "director.log"),
  });
  cast.director = director;
  await director.ready(signal);
  screen.say(
    `The director balances 127.0.0.1:${port} over them (lbctl run --dataplane userspace), ${requestsPerS} requests/s are made.`,
  );
  const load = new ClientLoad(`http://127.0.0.1:${port}/`, requestsPerS);
  cast.load = load;
  load.start();

  const stage: Stage = { port, configFile, servers, director, load, configured, boundsMs, signal };
  const enough = new AbortController();
  const watching = watch(stage, options, AbortSignal.any([signal, enough.signal]));
  try {
    const passed = await takeTour(stage, options);
    if (!options.once) {
      sayWhatNext(stage, options, directory);
      await watching;
    }
    return passed;
  } finally {
    enough.abort();
    await watching;
  }
}

async function takeTour(stage: Stage, options: DemoOptions): Promise<boolean> {
  const { screen, paint } = options;
  const observations: Observation[] = [];
  let passed = true;
  for (const [index, step] of tour.entries()) {
    screen.say();
    screen.say(paint("bold", `Step ${index + 1} of ${tour.length}: ${step.title}`));
    const observation = await attempt(step, stage);
    const judgement = judge(observation);
    observations.push(observation);
    tell(options, judgement);
    passed &&= judgement.passed;
    // The steps after it build on it.
    if (observation.step === "broke-off") break;
  }
  const requests = judge(allRequests(observations, await stage.load.settledTotals()));
  passed &&= requests.passed;
  screen.say();
  screen.say(paint("bold", "In numbers"));
  for (const line of summaryLines(observations, stage.load.totals)) screen.say(line);
  if (!requests.passed) tell(options, requests);
  screen.say();
  return passed;
}

/** Carries out a step; what went wrong with it is an observation, too. */
async function attempt(step: Step, stage: Stage): Promise<Observation> {
  try {
    return await step.run(stage);
  } catch (error) {
    if (stage.signal.aborted) throw error;
    return { step: "broke-off", cause: error instanceof Error ? error.message : String(error) };
  }
}

function allRequests(observations: readonly Observation[], totals: Totals): Observation {
  const excused = observations.reduce(
    (sum, seen) => sum + (seen.step === "server-stopped" ? seen.before.errors : 0),
    0,
  );
  return { step: "all-requests", ...totals, excused };
}

function tell({ screen, paint }: DemoOptions, { passed, sentence, failures }: Judgement): void {
  screen.say(passed ? `  ${paint("green", "passed")}  ${sentence}` : `  ${paint("red", "FAILED")}  ${sentence}`);
  for (const failure of failures) screen.say(`          ${paint("red", failure)}`);
}

/** Shows the table until `signal` says that it is enough, or the director is gone. */
async function watch(stage: Stage, { screen, paint }: DemoOptions, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      const view = await observeLive(stage);
      if (screen.live) screen.draw(liveLines(view, paint, screen.columns));
      else screen.say(`  ${plainLine(view)}`);
      await sleep(screen.live ? redrawMs : plainLineMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) screen.say(paint("red", `The director does not answer any more: ${(error as Error).message}`));
  }
}

function sayWhatNext(stage: Stage, { screen, paint, command }: DemoOptions, directory: string): void {
  const runDir = stage.director.runDirectory;
  screen.say(paint("bold", "Try next, in another terminal (this keeps running until Ctrl-C)"));
  screen.say(`  ${command} status --watch --run-dir ${runDir}`);
  screen.say(`  edit ${stage.configFile}, then`);
  screen.say(`  ${command} plan --run-dir ${runDir}`);
  screen.say(`  ${command} reload --run-dir ${runDir}`);
  screen.say(`  curl http://127.0.0.1:${stage.port}/`);
  screen.say(
    `  kill a web server (${stage.servers.pids.join(", ")}) and watch; tail -f ${join(directory, "director.log")}`,
  );
}

/** The bounds that follow from the configuration as the director reads it. */
async function bounds(configFile: string): Promise<Stage["boundsMs"]> {
  const loaded = await loadConfig(configFile);
  const check = loaded.ok ? loaded.model.virtualServers[0]?.realServers[0]?.checks[0] : undefined;
  if (check === undefined) throw new Error(`the demo's configuration is not valid: ${JSON.stringify(loaded)}`);
  const { delayLoopMs, connectTimeoutMs } = check.timing;
  return { removal: removalBoundMs(check), return: delayLoopMs + exchangeCount(check.spec) * connectTimeoutMs };
}

async function end(director: DemoDirector | null, servers: WebServers): Promise<CleanEnd> {
  const pids = [...servers.pids, ...(director?.pids ?? [])];
  const [directorStatus] = await Promise.all([director === null ? 0 : director.end(), servers.killAll()]);
  return { step: "clean-end", directorStatus, leftProcesses: pids.filter(isAlive) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
