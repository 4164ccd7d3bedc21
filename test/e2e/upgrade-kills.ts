import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { randomFrom } from "../kernel/random-operations.ts";
import { childrenOf, type Daemon, runs, until } from "./lbctl.ts";
import { VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

const roles = ["bfd", "checker", "scripts", "vrrp", "web"].map((role) => `lbctl: ${role}`);
/** Where in an upgrade a kill may come: after what is logged, within as many milliseconds. */
const moments = [
  { after: /upgrade: starting/, withinMs: 2_500 },
  { after: /upgrade: .* stands by/, withinMs: 150 },
  { after: /upgrade: handed over VRRP/, withinMs: 40 },
] as const;

const deeds = ["old killed", "new killed", "old told to stop"] as const;

/** What became of the rounds. */
export interface Kills {
  /** Upgrades that were carried out, or not. */
  readonly done: number;
  readonly refused: number;
  /** The director itself was killed, and nobody was left to take over. */
  readonly startedAgain: number;
}

/**
 * Upgrades a director again and again, and kills the old supervisor or the new one meanwhile. Whatever happens there is one director in the
 * end, which is master and holds its address; or none when it was told to stop. It is started again, as a service manager would, where nobody is left.
 */
export async function killDuringUpgrades(seed: number, rounds: number): Promise<Kills> {
  const random = randomFrom(seed);
  const node = new VrrpNode();
  const { namespace } = node;
  namespace.ip("link add eth0 type veth peer name peer0");
  for (const name of ["peer0", "eth0"]) namespace.ip(`link set ${name} up`);
  namespace.ip("address add 192.0.2.1/24 dev eth0");
  node.configure({ vrrp_instance: [vrrpInstance("VI_1")] });

  let daemon: Daemon;
  let log = "";
  const launch = (): void => {
    daemon = node.startOnKernel();
  };
  const told = () => log + daemon.log();
  const pidFile = () => Number(readFileSync(`${node.runDir}/lbctl.pid`, "utf8"));
  const pids = () =>
    execFileSync("ip", ["netns", "pids", namespace.name], { encoding: "utf8" }).split("\n").filter(Boolean).map(Number);
  const titles = () => pids().map(titleOf).sort();
  const isWhole = async () => {
    const { pid } = (await node.status()).daemon;
    const isMaster = (await node.instance("VI_1"))?.state === "master";
    return isMaster && pid === pidFile() && runs(pid) && titles().join() === "lbctl: supervisor,lbctl: vrrp";
  };
  const counted = { done: 0, refused: 0, startedAgain: 0 };

  try {
    launch();
    await node.reaches("VI_1", "master");
    for (let round = 0; round < rounds; round++) {
      const moment = moments[Math.floor(random() * moments.length)] ?? moments[0];
      const deed = deeds[Math.floor(random() * deeds.length)] ?? deeds[0];
      const delayMs = random() * moment.withinMs;
      const what = `seed ${seed}, round ${round}: ${deed}, ${Math.round(delayMs)} ms after ${moment.after}`;
      const old = pidFile();
      const before = told().length;
      let over = false;
      const upgrade = node.lbctl("upgrade", "--json").finally(() => {
        over = true;
      });
      await until(what, () => over || moment.after.test(told().slice(before)), told);
      const successor = childrenOf(old).find((pid) => !roles.includes(titleOf(pid)));
      await sleep(delayMs);
      const struck = deed === "new killed" ? successor : old;
      if (struck !== undefined && runs(struck))
        process.kill(struck, deed === "old told to stop" ? "SIGTERM" : "SIGKILL");
      const { status } = await upgrade;
      // Should the other one be the director by then, it is told, and waited for.
      if (deed === "old told to stop") await until(`${what}: it ends`, () => !runs(old), told);
      counted[status === 0 ? "done" : "refused"] += 1;
      const alone = () => pids().length === 0;
      await until(
        `${what}: one director`,
        async () => alone() || (await isWhole().catch(() => false)),
        () => `${titles()}\n${told()}`,
      );
      if (alone()) {
        counted.startedAgain += 1;
        log = told();
        launch();
        await until(`${what}: it starts again`, () => isWhole().catch(() => false), told);
      }
      expect(namespace.ip("-o -4 address show dev eth0"), what).toContain("192.0.2.100");
      // The second name of the control socket goes with the next upgrade or the end.
      const left = readdirSync(node.runDir).filter((name) => /^control\.(?!sock|held)/.test(name));
      expect(left, what).toEqual([]);
    }
    // It can still be upgraded, and stopped.
    expect((await node.lbctl("upgrade")).status).toBe(0);
    process.kill(pidFile(), "SIGTERM");
    await until("it has ended", () => pids().length === 0, told);
    expect(namespace.ip("-o -4 address show dev eth0")).not.toContain("192.0.2.100");
    expect(readdirSync(node.runDir).filter((name) => /^control|pid$/.test(name))).toEqual([]);
    return counted;
  } finally {
    for (const pid of pids()) {
      if (runs(pid)) process.kill(pid, "SIGKILL");
    }
    await node.close();
  }
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
