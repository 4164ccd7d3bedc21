import { writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientLoad } from "./client-load.ts";
import { type DemoServer, demoConfig } from "./config.ts";
import type { DemoDirector } from "./demo-director.ts";
import type { Observation, Weights } from "./steps.ts";
import type { WebServers } from "./web-servers.ts";

/** How long a step looks at the shares. */
const windowMs = 2500;
/** Waited for longer than the bound, so that a late change is told from one that does not come. */
const patienceMs = 3000;
const pollMs = 20;
const newWeight = 3;

/** Everything that the tour plays with. */
export interface Stage {
  readonly port: number;
  readonly configFile: string;
  readonly servers: WebServers;
  readonly director: DemoDirector;
  readonly load: ClientLoad;
  /** The servers as configured; their ports stay. */
  configured: readonly DemoServer[];
  /** Longest time from the death of a server to its removal, and from its return to its being in the table, of the configuration in force. */
  readonly boundsMs: { readonly removal: number; readonly return: number };
  readonly signal: AbortSignal;
}

export interface Step {
  readonly title: string;
  run(stage: Stage): Promise<Observation>;
}

/** The steps of the tour, in order. */
export const tour: readonly Step[] = [
  { title: "All three real servers serve, one third each.", run: allServe },
  {
    title: "web2 is killed. It has to leave the table within the bound, and no request may fail after that.",
    run: stopServer,
  },
  {
    title: "web2 is started again. It has to be back within the bound, and to have its third again.",
    run: startServer,
  },
  {
    title: `The weight of web1 is changed from 1 to ${newWeight} in the file, and the file reloaded: only that is written.`,
    run: changeWeight,
  },
];

async function allServe({ load, configured, signal }: Stage): Promise<Observation> {
  const fromMs = performance.now();
  await sleep(windowMs, undefined, { signal });
  return { step: "all-serve", weights: weightsOf(configured), load: await load.settledTally(fromMs) };
}

async function stopServer(stage: Stage): Promise<Observation> {
  const { load, servers, configured, boundsMs, signal } = stage;
  const server = serverNamed(stage, "web2");
  // Requests under way from before belong to the step before.
  const fromMs = performance.now();
  await load.settled();
  const stoppedMs = performance.now();
  await servers.kill(server.name);
  const removedMs = await untilServing(stage, server.port, false, stoppedMs + boundsMs.removal + patienceMs);
  await sleep(windowMs, undefined, { signal });
  const afterMs = removedMs ?? performance.now();
  return {
    step: "server-stopped",
    server: server.name,
    boundMs: boundsMs.removal,
    removedAfterMs: removedMs === null ? null : removedMs - stoppedMs,
    before: await load.settledTally(fromMs, afterMs),
    after: await load.settledTally(afterMs),
    weights: weightsOf(configured.filter((one) => one !== server)),
  };
}

async function startServer(stage: Stage): Promise<Observation> {
  const { load, servers, configured, boundsMs, signal } = stage;
  const server = serverNamed(stage, "web2");
  await servers.start(server.name, server.port);
  const startedMs = performance.now();
  const backMs = await untilServing(stage, server.port, true, startedMs + boundsMs.return + patienceMs);
  const fromMs = performance.now();
  await sleep(windowMs, undefined, { signal });
  return {
    step: "server-back",
    server: server.name,
    boundMs: boundsMs.return,
    backAfterMs: backMs === null ? null : backMs - startedMs,
    load: await load.settledTally(fromMs),
    weights: weightsOf(configured),
  };
}

async function changeWeight(stage: Stage): Promise<Observation> {
  const server = serverNamed(stage, "web1");
  stage.configured = stage.configured.map((one) => (one === server ? { ...one, weight: newWeight } : one));
  writeFileSync(stage.configFile, demoConfig(stage.port, stage.configured));
  const { operations } = await stage.director.reload();
  const fromMs = performance.now();
  await sleep(windowMs, undefined, { signal: stage.signal });
  return {
    step: "weight-changed",
    server: server.name,
    weights: weightsOf(stage.configured),
    operations,
    load: await stage.load.settledTally(fromMs),
  };
}

/** When the data plane's table was first seen with, or without, the server; null when it was not until the deadline. */
async function untilServing(stage: Stage, port: number, wanted: boolean, deadlineMs: number): Promise<number | null> {
  while (performance.now() < deadlineMs) {
    if ((await stage.director.servingPorts()).includes(port) === wanted) return performance.now();
    await sleep(pollMs, undefined, { signal: stage.signal });
  }
  return null;
}

function serverNamed({ configured }: Stage, name: string): DemoServer {
  const server = configured.find((one) => one.name === name);
  if (server === undefined) throw new Error(`no server ${name}`);
  return server;
}

function weightsOf(servers: readonly DemoServer[]): Weights {
  return Object.fromEntries(servers.map(({ name, weight }) => [name, weight]));
}
