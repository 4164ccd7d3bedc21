import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeNamespace, type Namespace } from "ipvs-netlink/testing";
import { connectUserspace, type UserspaceDataPlane } from "../../src/dataplane/client.ts";
import { runDir } from "../../src/supervisor/program/run-dir.ts";
import { Daemon, program, start, until } from "./lbctl.ts";
import { waitedToRunMs } from "./run-queue.ts";
import type { FromServers, ToServers } from "./soak-servers.ts";

export interface SoakOptions {
  readonly realServers: number;
  readonly delayLoopS: number;
  readonly steps: number;
  readonly stepMs: number;
  /** Told after each step how things are. */
  readonly onStep?: (text: string) => void;
}

export interface SoakReport {
  readonly checks: number;
  /** Between two checks of a server that was there all the time. */
  readonly worstGapMs: number;
  /** The longest that the processes waited for a processor within two intervals. */
  readonly worstWaitMs: number;
  /** What was in the table and should not have been, or the other way round, for longer than allowed. */
  readonly wrong: readonly string[];
  /** Of the checker process, one per step. */
  readonly rssMiB: readonly number[];
}

/** Real servers that open and close together. */
const groups = 40;
const firstPort = 9000;
const virtualServers = 100;
/** What a busy machine may take beyond the published bound. */
const slackMs = 15_000;

/**
 * Many real servers on loopback under an `lbctl run`, half of them away at any time: each step closes a group and opens
 * another one, and compares the table with what it has to be by now. In a network namespace of its own.
 */
export class Soak {
  readonly #options: SoakOptions;
  readonly #namespace: Namespace = makeNamespace();
  readonly #directory = mkdtempSync(join(tmpdir(), "lbctl-soak-"));
  readonly #servers: ChildProcess;
  readonly #changedAtMs = new Array<number>(groups).fill(0);
  readonly #open = Array.from({ length: groups }, (_, group) => group < groups / 2);
  /** At each look, when it was and how long the processes had waited for a processor by then. */
  readonly #looks: { readonly atMs: number; readonly waitedMs: number }[] = [];
  #daemon: Daemon | null = null;
  #table: UserspaceDataPlane | null = null;

  constructor(options: SoakOptions) {
    this.#options = options;
    const words = [process.execPath, join(import.meta.dirname, "soak-servers.ts")];
    this.#servers = spawn("ip", ["netns", "exec", this.#namespace.name, ...words], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#servers.setMaxListeners(100);
  }

  /** Until the table holds those that are there, and only those. */
  async begin(): Promise<void> {
    for (let group = 0; group < groups; group++) if (this.#open[group]) await this.#set(group, true);
    const [file, dir] = [join(this.#directory, "lbctl.yaml"), join(this.#directory, "run")];
    writeFileSync(file, JSON.stringify(this.#config(), null, 1));
    const words = [program, "run", "-f", file, "--dataplane", "userspace", "--run-dir", dir, "--log", "console"];
    this.#daemon = new Daemon(start("ip", ["netns", "exec", this.#namespace.name, ...words]));
    await this.#daemon.logged(/ready: /);
    this.#table = await connectUserspace(runDir(dir).dataplaneSocket);
    await this.#settled();
    await this.#report();
  }

  async run(): Promise<SoakReport> {
    const { steps, stepMs, onStep } = this.#options;
    const checker = this.#daemon?.child("checker") as number;
    const wrong: string[] = [];
    const rssMiB: number[] = [];
    let worstWaitMs = 0;
    for (let step = 0; step < steps; step++) {
      await this.#set(step % groups, !this.#open[step % groups]);
      await this.#set((step + groups / 2) % groups, !this.#open[(step + groups / 2) % groups]);
      await sleep(stepMs);
      const wrongNow = await this.#wrong(slackMs);
      wrong.push(...wrongNow);
      rssMiB.push(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${checker}/status`, "latin1"))?.[1]) / 1024);
      worstWaitMs = Math.max(worstWaitMs, this.#waitedMs(performance.now() - 2 * this.#options.delayLoopS * 1000));
      const waited = Math.round(this.#waitedMs(performance.now() - 20_000));
      onStep?.(
        `${step + 1}/${steps}: ${wrongNow.length} wrong, ${rssMiB.at(-1)?.toFixed()} MiB, ${readdirSync(`/proc/${checker}/fd`).length} descriptors, waited ${waited} ms for a processor in 20 s`,
      );
    }
    const { checks, worstGapMs } = await this.#report();
    await this.#settled();
    // A descriptor that each failed check left behind would be tens of thousands.
    const open = () => readdirSync(`/proc/${checker}/fd`).length;
    await until(
      "the checks give their descriptors back",
      () => open() < 3000,
      () => `${open()} are open`,
    );
    return { checks, worstGapMs, worstWaitMs, wrong, rssMiB };
  }

  async end(): Promise<void> {
    await this.#table?.close();
    await this.#daemon?.stop();
    await this.#daemon?.kill();
    if (this.#servers.connected) this.#servers.disconnect();
    if (this.#servers.exitCode === null) await new Promise((resolve) => this.#servers.once("exit", resolve));
    this.#namespace.delete();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #config(): object {
    const { realServers, delayLoopS } = this.#options;
    const each = realServers / virtualServers;
    return {
      virtual_server: Array.from({ length: virtualServers }, (_, index) => ({
        name: `vs${index}`,
        address: `127.1.0.${index + 1}`,
        port: 80,
        protocol: "TCP",
        lvs_sched: "rr",
        delay_loop: delayLoopS,
        real_server: Array.from({ length: each }, (_, nth) => {
          const server = index * each + nth;
          const port = firstPort + (server % groups);
          // A machine under load may take its time to answer: those that are away refuse.
          const timing = { connect_timeout: delayLoopS, retry: 0, warmup: delayLoopS };
          const check =
            server % 2 === 0
              ? { TCP_CHECK: timing }
              : { HTTP_GET: { url: { path: "/", status_code: 200 }, ...timing } };
          return { address: addressOf(server), port, weight: 1, ...check };
        }),
      })),
    };
  }

  async #set(group: number, open: boolean): Promise<void> {
    const port = firstPort + group;
    const done = new Promise<void>((resolve) => {
      const listener = (message: FromServers) => {
        if (message.kind !== "done" || message.port !== port) return;
        this.#servers.off("message", listener);
        resolve();
      };
      this.#servers.on("message", listener);
    });
    this.#tell(open ? { kind: "open", port } : { kind: "close", port });
    await done;
    this.#open[group] = open;
    this.#changedAtMs[group] = performance.now();
  }

  #report(): Promise<Extract<FromServers, { kind: "report" }>> {
    const id = Math.random();
    return new Promise((resolve) => {
      const listener = (message: FromServers) => {
        if (message.kind !== "report" || message.id !== id) return;
        this.#servers.off("message", listener);
        resolve(message);
      };
      this.#servers.on("message", listener);
      this.#tell({ kind: "report", id });
    });
  }

  #tell(message: ToServers): void {
    this.#servers.send(message);
  }

  async #settled(): Promise<void> {
    let wrong: readonly string[] = [];
    await until(
      "the table holds the real servers that are there, and only those",
      async () => {
        wrong = await this.#wrong(null);
        return wrong.length === 0;
      },
      () => `${wrong.length} wrong: ${wrong.slice(0, 5).join(", ")}\n${this.#daemon?.log().slice(-1000)}`,
      120_000,
    );
  }

  #look(): void {
    const daemon = this.#daemon as Daemon;
    const pids = [daemon.child("checker"), daemon.child("dataplane"), this.#servers.pid as number];
    this.#looks.push({ atMs: performance.now(), waitedMs: waitedToRunMs(pids) });
  }

  /** How long the processes that the table depends on have waited for a processor since then: no more than that are they late. */
  #waitedMs(sinceMs: number): number {
    const before = this.#looks.findLast(({ atMs }) => atMs <= sinceMs) ?? this.#looks[0];
    return (this.#looks.at(-1)?.waitedMs ?? 0) - (before?.waitedMs ?? 0);
  }

  /** Servers that are not as they have to be; null: whatever has happened lately. */
  async #wrong(slack: number | null): Promise<string[]> {
    const { realServers, delayLoopS } = this.#options;
    const present = new Set<string>();
    for (const { destinations } of (await this.#table?.dump()) ?? []) {
      for (const { address, port } of destinations) present.add(`${address}:${port}`);
    }
    const nowMs = performance.now();
    this.#look();
    const wrong: string[] = [];
    for (let server = 0; server < realServers; server++) {
      const group = server % groups;
      const sinceMs = nowMs - (this.#changedAtMs[group] as number);
      const text = `${addressOf(server)}:${firstPort + group}`;
      if (present.has(text) === this.#open[group]) continue;
      // Refused at the first check, which comes within a delay_loop; and so does the one that finds it again.
      const allowedMs = slack === null ? 0 : delayLoopS * 1000 + slack + this.#waitedMs(nowMs - sinceMs);
      if (sinceMs > allowedMs) wrong.push(`${text} after ${Math.round(sinceMs)} ms`);
    }
    return wrong;
  }
}

function addressOf(server: number): string {
  return `127.2.${Math.floor(server / 250)}.${1 + (server % 250)}`;
}
