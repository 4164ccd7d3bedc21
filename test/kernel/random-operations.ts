import { expect } from "vitest";
import type { ControlRoute, OverridesResult } from "../../src/control/api.ts";
import { ControlError } from "../../src/control/api.ts";
import type { Caller } from "../../src/control/caller.ts";
import { createLogger } from "../../src/log/logger.ts";
import { Operator, type Target } from "../../src/operator/operator.ts";
import { startLoad } from "./client-load.ts";
import { type Daemon, directorNode } from "./lbctl.ts";
import { modelOf, predictedTable } from "./predicted-table.ts";
import { startRealServers } from "./real-servers.ts";
import { back, buildTopology, front, type RealServerName, vips } from "./topology.ts";
import type { Guest } from "./uml/guest.ts";
import { type VirtualServerConfig, virtualServer } from "./virtual-server.ts";

/** Deterministic numbers in [0, 1) from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const foreign = ["-A -t 192.0.2.11:9999 -s wlc", "-a -t 192.0.2.11:9999 -r 198.51.100.99:9999 -m -w 7"];
const schedulers = ["rr", "wrr", "lc", "wlc", "sed", "nq"] as const;
const names: readonly RealServerName[] = ["r1", "r2", "r3"];
const candidates = [
  ["NAT", "v6", "TCP"],
  ["DR", "v4", "TCP"],
  ["TUN", "v4", "TCP"],
  ["DR", "v6", "UDP"],
  ["TUN", "v4", "UDP"],
] as const;

/** This one is under load from the first step to the last, and no step touches what it needs. */
const loaded = virtualServer("NAT", "v4", { lvs_sched: "rr" });

export interface RandomRun {
  readonly steps: readonly string[];
  readonly requests: number;
}

/** How often each comes, of all. */
const shares = {
  drain: 20,
  undrain: 16,
  disable: 12,
  enable: 16,
  weight: 20,
  "weight configured": 12,
  "a drain, disable or weight for a second": 2,
  reload: 6,
  "reload by SIGHUP": 3,
  "SIGKILL the checker": 2,
  "SIGKILL the supervisor, start again": 2,
  "a stray destination": 1,
  "a changed weight": 1,
  "a changed scheduler": 1,
  "somebody deletes every other service of ours": 1,
} as const;
type Step = keyof typeof shares;
const drawn = (Object.keys(shares) as Step[]).flatMap((step) => Array.from({ length: shares[step] }, () => step));

/**
 * Random operations against a director on the real kernel, under client load: what operators say, reloads, kills of each process,
 * foreign writes. After each few steps the table is what the pure model says of the configuration and of everything that operators said,
 * plus what is not ours; no request fails.
 */
export async function runRandomOperations(
  guest: Guest,
  seed: number,
  stepCount: number,
  onStep: (text: string) => void = () => {},
): Promise<RandomRun> {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  await buildTopology(guest);
  await startRealServers(guest);
  await guest.sh(`ipvsadm -R <<'END'\n${foreign.join("\n")}\nEND`, { namespace: "d1" });
  const node = directorNode(guest, "d1");
  let services: readonly VirtualServerConfig[] = [loaded];
  const config = () => ({ global_defs: { reconcile_interval: 1 }, virtual_server: services });
  const configure = () => node.configure(config());
  configure();
  let daemon: Daemon = await node.start();
  const said = whatOperatorsSaid(() => modelOf(config()));

  const randomServices = (): readonly VirtualServerConfig[] => [
    loaded,
    ...candidates
      .filter(() => random() < 0.6)
      .map(([method, family, protocol]) => {
        const servers = names.filter((_, index) => index === 0 || random() < 0.7);
        const sorry = random() < 0.4 ? { sorry_server: { address: front("r1")[family], port: 8080 } } : {};
        const rules = { lvs_sched: pick(schedulers), quorum: 1 + Math.floor(random() * 6), ...sorry };
        const service = virtualServer(method, family, { protocol, servers, ...rules });
        const real_server = service.real_server.map((server) => ({
          ...server,
          weight: 1 + Math.floor(random() * 9),
          ...(random() < 0.3 ? { inhibit_on_failure: null } : {}),
        }));
        return { ...service, real_server };
      }),
  ];
  /** One that is configured, everywhere or in one place, now and then one that is not; never of the one under load. */
  const target = (): Target => {
    const service = pick([...services.slice(1), virtualServer("DR", "v4")]);
    const { address, port } = pick(service.real_server);
    const real_server = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    return random() < 0.5 ? { real_server } : { real_server, virtual_server: service.name };
  };
  const generation = async () => (await node.status()).generation;

  const ask = async (route: ControlRoute, body: object, predicted: Promise<unknown>): Promise<void> => {
    const wanted = await predicted.then(
      () => 200,
      (error: unknown) => {
        if (error instanceof ControlError) return error.code;
        throw error;
      },
    );
    const answer = await node.request(route, body);
    expect(answer.status === 200 ? 200 : answer.body.error?.code, JSON.stringify([route, body, answer])).toBe(wanted);
  };
  /** Nothing that was said for a while is in force any more. */
  const hasEnded = () =>
    expect
      .poll(async () => {
        const { overrides } = (await node.request("GET /v1/overrides", null)).body as OverridesResult;
        return overrides.filter((each) => each.expires_at !== null);
      })
      .toEqual([]);
  const operate = (name: "drain" | "undrain" | "disable" | "enable") => async () => {
    const at = target();
    const predicted = {
      drain: () => said.setAdminState(at, "drained", null, somebody),
      undrain: () => said.clearAdminState(at, "drained", somebody),
      disable: () => said.setAdminState(at, "disabled", null, somebody),
      enable: () => said.clearAdminState(at, "disabled", somebody),
    }[name]();
    await ask(`POST /v1/${name}`, at, predicted);
  };

  const steps: Readonly<Record<Step, () => Promise<unknown>>> = {
    drain: operate("drain"),
    undrain: operate("undrain"),
    disable: operate("disable"),
    enable: operate("enable"),
    weight: () => {
      const [at, weight] = [target(), Math.floor(random() * 20)];
      return ask("POST /v1/weight", { ...at, weight }, said.setWeight(at, weight, null, somebody));
    },
    "weight configured": () => {
      const at = target();
      return ask("POST /v1/weight", { ...at, weight: null }, said.clearWeight(at, somebody));
    },
    // Whatever it was before, it is again: nothing of it is told to the model.
    "a drain, disable or weight for a second": async () => {
      const at = target();
      const predicted = whatOperatorsSaid(() => modelOf(config())).setWeight(at, 0, null, somebody);
      const [name, more] = pick([
        ["drain", {}],
        ["disable", {}],
        ["weight", { weight: Math.floor(random() * 20) }],
      ] as const);
      await ask(`POST /v1/${name}`, { ...at, ...more, for_s: 1 }, predicted);
      if (random() < 0.5) await steps["SIGKILL the supervisor, start again"]();
      await hasEnded();
    },
    reload: async () => {
      services = randomServices();
      configure();
      expect(await node.request("POST /v1/reload", null)).toMatchObject({ status: 200 });
    },
    "reload by SIGHUP": async () => {
      const before = await generation();
      services = randomServices();
      configure();
      daemon.job.signal("HUP");
      // Until then the names of real servers are those of before.
      await expect.poll(generation).toBeGreaterThan(before);
    },
    "SIGKILL the checker": async () => {
      // Between two of them there may be none.
      const { checker } = await daemon.pids();
      if (!Number.isNaN(checker)) await guest.exec(`kill -KILL ${checker}`);
    },
    "SIGKILL the supervisor, start again": async () => {
      await guest.sh(`kill -KILL ${(await daemon.pids()).supervisor}`);
      await daemon.job.done;
      daemon = await node.start();
    },
    // The one of the step before may still be there.
    "a stray destination": () =>
      node.ipvsadm(`-a -t ${vips.nat.v4}:80 -r ${front("r1").v4}:8080 -m -w 0`).catch(() => {}),
    "a changed weight": () => node.ipvsadm(`-e -t ${vips.nat.v4}:80 -r ${back(pick(names)).v4}:80 -m -w 9`),
    "a changed scheduler": () => node.ipvsadm(`-E -t ${vips.nat.v4}:80 -s sed`),
    "somebody deletes every other service of ours": async () => {
      const others = predictedTable(modelOf(config()), new Map()).filter((line) => line.startsWith("-A "));
      for (const line of others.slice(1)) await node.ipvsadm(line.replace(/^-A (.*) -s .*/, "-D $1")).catch(() => {});
    },
  };

  // Ten seconds a step, on a machine that others keep busy; it may stand still for longer than a request usually has.
  const timeoutMs = 600_000 + 10_000 * stepCount;
  const url = `http://${vips.nat.v4}/index.html`;
  const load = await startLoad(guest, { url, rate: 20, deadlineMs: 60_000, timeoutMs });
  const done: string[] = [];
  const compare = async () => {
    const wanted = [...foreign, ...predictedTable(modelOf(config()), said.effective())].sort();
    const message = `seed ${seed}, after ${done.length} steps, the last: ${done.slice(-8).join("; ")}`;
    await expect.poll(() => node.table(), { message }).toEqual(wanted);
  };
  for (let step = 0; step < stepCount; step++) {
    const name = pick(drawn);
    done.push(name);
    await steps[name]();
    // More steps often come while the first is being dealt with.
    if (random() < 0.4) await compare();
    onStep(`${done.length}/${stepCount} ${name}`);
  }
  await compare();
  const { total, failures } = await load.stop();
  expect(failures, `seed ${seed}, steps: ${done.join("; ")}`).toEqual([]);
  expect(await daemon.stop()).toMatchObject({ status: 0 });
  expect(await node.table()).toEqual([...foreign].sort());
  said.end();
  return { steps: done, requests: total };
}

const somebody: Caller = { name: "somebody", description: "somebody", uid: null };

/** The overrides as they are without any process, file or crash in between. */
function whatOperatorsSaid(model: () => ReturnType<typeof modelOf>): Operator {
  const file = { path: "none", load: async () => ({ kind: "loaded", overrides: [] }) as const, save: async () => {} };
  const nowEpochMs = () => 0;
  const log = createLogger({ sink: () => {}, role: "supervisor", level: { severity: "info" }, nowEpochMs });
  return new Operator({ file, model, onChange: async () => {}, nowEpochMs, log });
}
