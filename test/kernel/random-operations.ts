import { expect } from "vitest";
import { startLoad } from "./client-load.ts";
import { type Daemon, directorNode } from "./lbctl.ts";
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

/** This one is under load from the first step to the last, and no step touches what it needs. */
const loaded = virtualServer("NAT", "v4", { lvs_sched: "rr" });

export interface RandomRun {
  readonly steps: readonly string[];
  readonly requests: number;
}

/**
 * Random operations against a director on the real kernel, under client load: reloads, kills of each process, restarts, foreign
 * writes. After every step the table is what the configuration says, plus what is not ours; no request fails.
 */
export async function runRandomOperations(guest: Guest, seed: number, stepCount: number): Promise<RandomRun> {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  await buildTopology(guest);
  await startRealServers(guest);
  await guest.sh(`ipvsadm -R <<'END'\n${foreign.join("\n")}\nEND`, { namespace: "d1" });
  const node = directorNode(guest, "d1");
  let services: readonly VirtualServerConfig[] = [loaded];
  const configure = () => node.configure({ global_defs: { reconcile_interval: 1 }, virtual_server: services });
  configure();
  let daemon: Daemon = await node.start();

  const randomServices = (): readonly VirtualServerConfig[] => {
    const candidates = [
      ["NAT", "v6", "TCP"],
      ["DR", "v4", "TCP"],
      ["DR", "v6", "UDP"],
      ["TUN", "v4", "UDP"],
    ] as const;
    const chosen = candidates.filter(() => random() < 0.6);
    return [
      loaded,
      ...chosen.map(([method, family, protocol]) => {
        const servers = names.filter((_, index) => index === 0 || random() < 0.7);
        const service = virtualServer(method, family, { protocol, servers, lvs_sched: pick(schedulers) });
        const weighted = service.real_server.map((server) => ({ ...server, weight: 1 + Math.floor(random() * 9) }));
        return { ...service, real_server: weighted };
      }),
    ];
  };

  const steps: Record<string, () => Promise<unknown>> = {
    reload: async () => {
      services = randomServices();
      configure();
      expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    },
    "reload by SIGHUP": async () => {
      services = randomServices();
      configure();
      daemon.job.signal("HUP");
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
      const others = services.slice(1).map((service) => `-D ${virtual(service)}`);
      for (const words of others) await node.ipvsadm(words).catch(() => {});
    },
  };

  const load = await startLoad(guest, { url: `http://${vips.nat.v4}/index.html`, rate: 20 });
  const done: string[] = [];
  for (let step = 0; step < stepCount; step++) {
    const name = pick(Object.keys(steps));
    done.push(name);
    await steps[name]?.();
    // A second step sometimes comes while the first is being dealt with.
    if (random() < 0.3) continue;
    const wanted = [...foreign, ...services.flatMap(linesOf)].sort();
    await expect.poll(() => node.table(), { message: `seed ${seed}, steps: ${done.join("; ")}` }).toEqual(wanted);
  }
  const wanted = [...foreign, ...services.flatMap(linesOf)].sort();
  await expect.poll(() => node.table(), { message: done.join("; ") }).toEqual(wanted);
  const { total, failures } = await load.stop();
  expect(failures, `seed ${seed}, steps: ${done.join("; ")}`).toEqual([]);
  expect(await daemon.stop()).toMatchObject({ status: 0 });
  expect(await node.table()).toEqual([...foreign].sort());
  return { steps: done, requests: total };
}

function virtual({ protocol, address, port }: VirtualServerConfig): string {
  return `${protocol === "TCP" ? "-t" : "-u"} ${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** The service as `ipvsadm -Sn` prints it; tunnel options are left to the contract suite. */
function linesOf(service: VirtualServerConfig): string[] {
  const flag = { NAT: "-m", DR: "-g", TUN: "-i" }[service.lvs_method];
  const tail = service.lvs_method === "TUN" ? " --tun-type ipip" : "";
  return [
    `-A ${virtual(service)} -s ${service.lvs_sched}`,
    ...service.real_server.map(({ address, port, weight = 1 }) => {
      const host = address.includes(":") ? `[${address}]` : address;
      return `-a ${virtual(service)} -r ${host}:${port} ${flag} -w ${weight}${tail}`;
    }),
  ];
}
