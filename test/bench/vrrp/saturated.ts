import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { childrenOf, start as startProgram, until } from "../../e2e/lbctl.ts";
import type { Node } from "../../interop/vrrp/ethernet.ts";
import type { VrrpRouter } from "../../interop/vrrp/routers.ts";
import { inScene, type Scene } from "../../interop/vrrp/scene.ts";
import { program } from "../checks/programs.ts";
import { type Bench, backupPriority, manyText, masterPriority, type Subject, takeoversSince } from "./bench.ts";
import { cpuMs, family } from "./process-cost.ts";

const advertMs = 10;
/** More than one CPU can check: 40,000 times a second. */
const [realServers, delayLoopS] = [2_000, 0.05] as const;
/** keepalived with so many instances is killed at its start by the limit that it sets itself. */
const ofRealTime = ["vrrp_rt_priority 50", "vrrp_rlimit_rttime 5000000"];

/**
 * 255 backups at 10 ms that share a CPU with their own checker process, which has more to check than it can; their master has the other
 * CPU. How many of them took over although the master lives. Nobody listens at the real servers: a check is refused at once.
 */
export async function saturated(bench: Bench, subject: Subject, realTime: boolean, seconds: number): Promise<void> {
  await inScene({ addresses: ["10.9.0.1"] }, async (scene) => {
    const master = await scene.keepalived("r1", manyText(masterPriority, advertMs, ofRealTime));
    pin(family(master.pid), 0);
    await scene.holds("r1");
    const wrapper = await withoutIpvs(scene);
    const text = manyText(backupPriority, advertMs, realTime ? ofRealTime : []) + checksText();
    const options = { wrapper, checks: true };
    const measured = await (subject === "lbctl"
      ? scene.lbctl("r2", text, "keepalived.conf", options)
      : scene.keepalived("r2", text, options));
    pin(family(measured.pid), 1);
    await until(
      "it checks",
      () => checkerOf(measured) !== null,
      () => scene.describe().slice(-2000),
    );
    // Until it checks in its rhythm.
    await sleep(10_000);
    const checker = checkerOf(measured);
    if (checker === null) throw new Error(`no checker process: ${scene.describe().slice(-2000)}`);
    pin(family(measured.pid), 1);
    const from = measured.log().length;
    const [beforeMs, fromMs, refused] = [cpuMs([checker]), performance.now(), refusedBy(scene.node("r2"))];
    await sleep(seconds * 1000);
    const tookMs = performance.now() - fromMs;
    bench.record(`255 backups at 10 ms, checkers saturated${realTime ? ", vrrp_rt_priority" : ""}`, subject, {
      seconds,
      lostMasterships: takeoversSince(measured, from),
      checkerCpuPercent: ((cpuMs([checker]) - beforeMs) / tookMs) * 100,
      checksPerS: ((refusedBy(scene.node("r2")) - refused) * 1000) / tookMs,
    });
  });
}

/** A table of IPVS in memory, for machines without: the words with which it is used. */
async function withoutIpvs(scene: Scene): Promise<string[]> {
  const socket = join(scene.directory, "netlink.sock");
  const server = startProgram("taskset", [
    ...["-c", "0", process.execPath],
    ...[join(import.meta.dirname, "../checks/kernel-server.ts"), socket],
  ]);
  scene.alongside({
    stop: async () => {
      server.signal("SIGKILL");
      await server.ended;
    },
  });
  await until("the table of IPVS is there", () => server.stdout().includes("ready"), server.stderr);
  return ["env", `LBCTL_BENCH_NETLINK=${socket}`, `LD_PRELOAD=${program("netlink-by-socket.so")}`];
}

function checksText(): string {
  const servers = Array.from(
    { length: realServers },
    (_, nth) =>
      `real_server 127.1.${Math.floor(nth / 250)}.${1 + (nth % 250)} 9 {\nTCP_CHECK {\nconnect_timeout 1\nretry 0\n}\n}\n`,
  );
  return `virtual_server 198.51.100.50 80 {\ndelay_loop ${delayLoopS}\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nalpha\n${servers.join("")}}\n`;
}

/** Connections that a node's own kernel refused so far. */
function refusedBy(node: Node): number {
  const [names = "", values = ""] = node
    .run("cat", "/proc/net/snmp")
    .split("\n")
    .filter((line) => line.startsWith("Tcp:"));
  return Number(values.split(" ")[names.split(" ").indexOf("AttemptFails")]);
}

/** Of its children the one that checks: lbctl's by name, keepalived's by its pid file. */
function checkerOf(router: VrrpRouter): number | null {
  const isChecker = (pid: number) =>
    /checker/.test(readFileSync(`/proc/${pid}/cmdline`, "latin1") + readFileSync(`/proc/${pid}/comm`, "latin1"));
  return childrenOf(router.pid).find(isChecker) ?? null;
}

function pin(pids: readonly number[], cpu: number): void {
  for (const pid of pids) execFileSync("taskset", ["-a", "-c", "-p", String(cpu), String(pid)], { stdio: "ignore" });
}
