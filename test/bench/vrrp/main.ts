// npm run bench -- vrrp: the same configuration under lbctl and keepalived, on this machine, one after the other.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { textTable } from "../../../src/cli/text-table.ts";
import { start as startProgram, until } from "../../e2e/lbctl.ts";
import type { NodeName } from "../../interop/vrrp/ethernet.ts";
import { globals, instanceText } from "../../interop/vrrp/instance-text.ts";
import type { VrrpRouter } from "../../interop/vrrp/routers.ts";
import { inScene, type Scene } from "../../interop/vrrp/scene.ts";
import type { Frame } from "../../interop/vrrp/wire-capture.ts";
import { median } from "../statistics.ts";
import { cpuMs, family, pssMiB } from "./process-cost.ts";

type Subject = "lbctl" | "keepalived";
const subjects: readonly Subject[] = ["keepalived", "lbctl"];
const vip = "192.0.2.50";
const backupPriority = 100;

interface Row {
  readonly what: string;
  readonly subject: Subject;
  readonly values: Readonly<Record<string, number>>;
}

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    only: { type: "string" },
    "advert-ms": { type: "string" },
  },
});
const { quick } = options;
const rows: Row[] = [];
const startedMs = performance.now();
const progress = (text: string) =>
  process.stderr.write(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
const intervalsMs = (options["advert-ms"] ?? "10,100,1000").split(",").map(Number);
const isWanted = (name: string) => options.only === undefined || options.only.split(",").includes(name);

function start(scene: Scene, subject: Subject, name: NodeName, text: string): Promise<VrrpRouter> {
  return subject === "lbctl" ? scene.lbctl(name, text) : scene.keepalived(name, text);
}

function record(what: string, subject: Subject, values: Readonly<Record<string, number>>): void {
  rows.push({ what, subject, values });
  progress(`${what}, ${subject}: ${JSON.stringify(values)}`);
}

/** From the last advert of a master that is killed to the first of the backup, as the switch sees them. */
async function takeover(subject: Subject, advertMs: number, runs: number): Promise<void> {
  await inScene({ addresses: [vip] }, async (scene) => {
    const text = (priority: number) =>
      globals() + instanceText({ priority, advertMs, lines: ["garp_master_repeat 1", "garp_master_delay 0"] });
    const capture = await scene.capture();
    const killedAtS: number[] = [];
    await start(scene, subject, "r2", text(backupPriority));
    await scene.holds("r2");
    for (let run = 0; run < runs; run++) {
      const master = await start(scene, subject, "r1", text(200));
      await scene.holds("r1");
      // At another point of the interval each time.
      await sleep(3 * advertMs + 300 + ((run * advertMs * 0.37) % advertMs));
      killedAtS.push(Date.now() / 1000);
      await master.kill();
      await until(
        "the backup takes over",
        () => scene.watch.holders(vip).includes("r2"),
        () => scene.describe(),
      );
      scene.node("r1").ip(`address flush dev eth0 to ${vip}`);
      await sleep(3 * advertMs + 200);
    }
    const frames = await capture.frames("vrrp and vrrp.prio > 0", ["frame.time_epoch", "ip.src"]);
    // A busy machine has changes of master that nobody asked for: only those that follow a kill count.
    const gaps = killedAtS.flatMap((killed) => {
      const first = frames.findIndex((frame) => frame["ip.src"] === "192.0.2.2" && secondsOf(frame) > killed);
      const last = frames.slice(0, first).findLast((frame) => frame["ip.src"] === "192.0.2.1");
      const [from, to] = [last, frames[first]];
      return from === undefined || to === undefined ? [] : [(secondsOf(to) - secondsOf(from)) * 1000];
    });
    const theoryMs = advertMs * (3 + (256 - backupPriority) / 256);
    record(`takeover at ${advertMs} ms`, subject, {
      runs: gaps.length,
      theoryMs: round(theoryMs),
      medianMs: round(median(gaps)),
      worstMs: round(Math.max(...gaps)),
    });
  });
}

const secondsOf = (frame: Frame) => Number(frame["frame.time_epoch"]);

/** What clients see when the master stops, and when it is killed. */
async function outage(subject: Subject, how: "stop" | "kill", runs: number): Promise<void> {
  const [failed, total, withoutMs]: [number[], number[], number[]] = [[], [], []];
  for (let run = 0; run < runs; run++) {
    await inScene({ nodes: ["r1", "r2", "c"], addresses: [vip] }, async (scene) => {
      await Promise.all([scene.nginx("r1"), scene.nginx("r2")]);
      const text = (priority: number) => globals() + instanceText({ priority, advertMs: 1000 });
      await start(scene, subject, "r2", text(backupPriority));
      const master = await start(scene, subject, "r1", text(200));
      await scene.holds("r1");
      const client = await scene.client(`http://${vip}/`);
      await sleep(1_500 + run * 250);
      scene.watch.begin();
      const atMs = performance.now();
      await (how === "stop" ? master.stop() : master.kill());
      // The machine is gone, not only its daemon.
      if (how === "kill") scene.ethernet.cable(scene.node("r1"), "down");
      await until(
        "the backup takes over",
        () => scene.watch.holders(vip).includes("r2"),
        () => scene.describe(),
      );
      withoutMs.push(performance.now() - atMs);
      await sleep(2_500);
      const summary = await client.stop();
      failed.push(summary.failed);
      total.push(summary.total);
    });
  }
  record(`${how} at 1 s`, subject, {
    runs,
    requests: total.reduce((sum, each) => sum + each, 0),
    failed: failed.reduce((sum, each) => sum + each, 0),
    takenOverMs: round(median(withoutMs)),
  });
}

const many = (priority: number, advertMs: number, options: readonly string[] = []) =>
  globals(...options) +
  Array.from({ length: 255 }, (_, nth) =>
    instanceText({
      name: `VI_${nth + 1}`,
      virtualRouterId: nth + 1,
      priority,
      advertMs,
      addresses: [`10.9.${nth}.1/32`],
      lines: ["garp_master_delay 0", "garp_master_repeat 1"],
    }),
  ).join("");

/** How often it became master since its log was so long. */
const takeovers = (router: VrrpRouter, from: number) =>
  router
    .log()
    .slice(from)
    .match(/ -> master after|Entering MASTER STATE/g)?.length ?? 0;

/** 255 instances: CPU over some seconds when nothing changes, memory, and masterships that were lost without a reason. */
async function load(subject: Subject, as: "master" | "backup", advertMs: number, seconds: number): Promise<void> {
  const addresses = ["10.9.0.1", "10.9.254.1"];
  await inScene({ addresses }, async (scene) => {
    // Its adverts are the same whoever listens.
    const master = await start(scene, as === "master" ? subject : "keepalived", "r1", many(200, advertMs));
    await scene.holds("r1", addresses);
    const measured = as === "master" ? master : await start(scene, subject, "r2", many(backupPriority, advertMs));
    // Until all have taken over, and Node has compiled what runs all the time.
    await sleep(quick ? 4_000 : 14_000);
    const pids = family(measured.pid);
    const from = measured.log().length;
    const [beforeMs, fromMs] = [cpuMs(pids), performance.now()];
    await sleep(seconds * 1000);
    const share = ((cpuMs(pids) - beforeMs) / (performance.now() - fromMs)) * 100;
    const perAdvertUs = ((share / 100) * 1e6) / (255 * (1000 / advertMs));
    record(`255 instances at ${advertMs} ms, ${as}`, subject, {
      cpuPercent: round(share),
      perAdvertUs: round(perAdvertUs),
      pssMiB: round(pssMiB(pids)),
      changes: takeovers(measured, from),
    });
  });
}

/**
 * 255 backups at 10 ms that share a CPU with a process that never waits, as a checker process with too much to do; their master
 * has the other CPU. How many of them took over although the master lives.
 */
async function saturated(subject: Subject, realTime: boolean, seconds: number): Promise<void> {
  const addresses = ["10.9.0.1"];
  await inScene({ addresses }, async (scene) => {
    const options = realTime ? ofRealTime : [];
    const master = await scene.keepalived("r1", many(200, 10, ofRealTime));
    pin(family(master.pid), 0);
    await scene.holds("r1");
    const measured = await start(scene, subject, "r2", many(backupPriority, 10, options));
    await sleep(6_000);
    pin(family(measured.pid), 1);
    const burner = startProgram("taskset", ["-c", "1", process.execPath, "-e", "for (;;);"]);
    try {
      await sleep(2_000);
      const from = measured.log().length;
      await sleep(seconds * 1000);
      record(`255 backups at 10 ms beside a busy process${realTime ? ", vrrp_rt_priority" : ""}`, subject, {
        seconds,
        lostMasterships: takeovers(measured, from),
      });
    } finally {
      burner.signal("SIGKILL");
      await burner.ended;
    }
  });
}

/** keepalived with so many instances is killed at its start by the limit that it sets itself. */
const ofRealTime = ["vrrp_rt_priority 50", "vrrp_rlimit_rttime 5000000"];

function pin(pids: readonly number[], cpu: number): void {
  for (const pid of pids) execFileSync("taskset", ["-a", "-c", "-p", String(cpu), String(pid)], { stdio: "ignore" });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function report(): string {
  const sections = [...Map.groupBy(rows, ({ values }) => Object.keys(values).join()).values()].map((group) => {
    const names = Object.keys(group[0]?.values ?? {});
    const cells = group.map(({ what, subject, values }) => [
      what,
      subject,
      ...names.map((name) => String(values[name])),
    ]);
    return textTable(
      [["", "", ...names], ...cells],
      names.map((_, at) => at + 2),
    ).join("\n");
  });
  const machine = `${cpus().length} x ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node}`;
  return [machine, ...sections].join("\n\n");
}

for (const advertMs of intervalsMs) {
  const runs = quick ? 3 : advertMs === 1000 ? 5 : 20;
  if (isWanted("takeover")) for (const subject of subjects) await takeover(subject, advertMs, runs);
}
for (const how of ["stop", "kill"] as const) {
  if (isWanted("outage")) for (const subject of subjects) await outage(subject, how, quick ? 1 : 5);
}
for (const as of ["master", "backup"] as const) {
  for (const advertMs of intervalsMs) {
    if (isWanted("load")) for (const subject of subjects) await load(subject, as, advertMs, quick ? 5 : 8);
  }
}
for (const realTime of [false, true]) {
  if (isWanted("saturated")) for (const subject of subjects) await saturated(subject, realTime, quick ? 10 : 60);
}
process.stdout.write(`\n${report()}\n`);
const file = resolve(
  options.json ??
    join(
      import.meta.dirname,
      "../../../bench-results",
      `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}-vrrp.json`,
    ),
);
mkdirSync(join(file, ".."), { recursive: true });
writeFileSync(file, `${JSON.stringify({ version: 1, cpu: cpus()[0]?.model, load: loadavg()[0], rows }, null, 2)}\n`);
progress(`results: ${file}`);
