import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { uniqueName } from "ipvs-netlink/testing";
import { nginxConfig, writeCertificate } from "./nginx.ts";
import { program } from "./programs.ts";
import { type ProbeKind, ports } from "./scenario.ts";

const [director, farm] = [uniqueName("lbb-d"), uniqueName("lbb-s")] as const;
/**
 * One way. keepalived 2.2.7 waits for the FIN of each TCP_CHECK to be acknowledged before it goes on (SO_LINGER), so that
 * 1000 checks a second are impossible for it on a way of 1 ms.
 */
const delayUs = 100;

/** A destination came or went in the table of IPVS. */
export interface TableChange {
  readonly kind: "+" | "-";
  readonly address: string;
  readonly atEpochMs: number;
}

/**
 * A director and a farm of real servers, each in a network namespace, a little apart; and the table of IPVS that the director's
 * processes write.
 */
export class Lab {
  readonly dir = mkdtempSync(join(tmpdir(), "lbctl-checks-"));
  readonly changes: TableChange[] = [];
  readonly #children: ChildProcess[] = [];
  #kernel: ChildProcess | null = null;

  static async open(): Promise<Lab> {
    const lab = new Lab();
    for (const name of [director, farm]) {
      ip("netns", "add", name);
      ip("-n", name, "link", "set", "lo", "up");
      lab.in(name, "sysctl", "-qw", "net.core.somaxconn=65535", "net.ipv4.tcp_max_syn_backlog=65535");
      lab.in(name, "sysctl", "-qw", "net.ipv4.tcp_syncookies=0");
    }
    await lab.#started(spawn(program("delay-link"), [director, farm, String(delayUs)], piped));
    for (const [name, host] of [
      [director, 1],
      [farm, 2],
    ] as const) {
      ip("-n", name, "addr", "add", `10.99.0.${host}/24`, "dev", "lan0");
      ip("-n", name, "link", "set", "lan0", "up", "txqueuelen", "20000");
    }
    ip("-n", director, "route", "add", "10.100.0.0/14", "via", "10.99.0.2");
    ip("-n", farm, "route", "add", "local", "10.100.0.0/14", "dev", "lo");
    const servers = [String(ports.tcp), String(ports.http), lab.#counters];
    await lab.#started(spawn("ip", ["netns", "exec", farm, program("real-servers"), ...servers], piped));
    writeCertificate(lab.dir);
    writeFileSync(join(lab.dir, "nginx.conf"), nginxConfig(lab.dir, ports.ssl));
    lab.#children.push(
      spawn("ip", ["netns", "exec", farm, "nginx", "-c", join(lab.dir, "nginx.conf"), "-p", lab.dir], {
        stdio: ["ignore", "ignore", "inherit"],
      }),
    );
    return lab;
  }

  /** Another kernel with an empty table, for another director. */
  async freshKernel(): Promise<void> {
    await end(this.#kernel);
    this.changes.length = 0;
    rmSync(this.#netlink, { force: true });
    const server = spawn(process.execPath, [join(import.meta.dirname, "kernel-server.ts"), this.#netlink], piped);
    await this.#started(server);
    this.#kernel = server;
    createInterface({ input: server.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      const [kind, address = "", atMs] = line.split(" ");
      if (kind === "+" || kind === "-") this.changes.push({ kind, address, atEpochMs: Number(atMs) });
    });
  }

  /** Starts a program as a director's, whose IPVS is the kernel's of this lab. */
  startDirector(command: readonly string[], log: number | "ignore"): ChildProcess {
    const [file = "", ...words] = command;
    const env = {
      ...process.env,
      LBCTL_BENCH_NETLINK: this.#netlink,
      LD_PRELOAD: program("netlink-by-socket.so"),
    };
    const child = spawn("ip", ["netns", "exec", director, "env", file, ...words], { stdio: ["ignore", log, log], env });
    this.#children.push(child);
    return child;
  }

  /** Connections that the real servers have had, as they count them; nginx has a line for each. */
  connections(kind: ProbeKind): number {
    if (kind === "SSL") return readFileSync(join(this.dir, "access.log"), "latin1").split("\n").length - 1;
    return Number(readFileSync(this.#counters).readBigUInt64LE(kind === "TCP" ? 0 : 8));
  }

  /** Waits until the table has so many destinations. */
  async holds(destinations: number): Promise<void> {
    const giveUpMs = performance.now() + 120_000;
    const count = () => this.changes.reduce((sum, { kind }) => sum + (kind === "+" ? 1 : -1), 0);
    while (count() < destinations) {
      if (performance.now() > giveUpMs) throw new Error(`the table has ${count()} destinations, not ${destinations}`);
      await sleep(200);
    }
  }

  /** From now on these real servers answer nothing at all, or do again. */
  setDead(addresses: readonly string[], dead: boolean): void {
    const lines = addresses.map((address) => `route ${dead ? "add" : "del"} blackhole ${address}/32 table local\n`);
    execFileSync("ip", ["-n", farm, "-batch", "-"], { input: lines.join("") });
  }

  in(namespace: string, file: string, ...words: readonly string[]): string {
    return execFileSync("ip", ["netns", "exec", namespace, file, ...words], { encoding: "utf8" });
  }

  async close(): Promise<void> {
    for (const child of [this.#kernel, ...this.#children.toReversed()]) await end(child);
    for (const name of [director, farm]) ip("netns", "del", name);
    rmSync(this.dir, { recursive: true });
  }

  get #netlink(): string {
    return join(this.dir, "netlink.sock");
  }

  get #counters(): string {
    return join(this.dir, "counters");
  }

  /** Waits for its first line. */
  async #started(child: ChildProcess): Promise<void> {
    this.#children.push(child);
    await Promise.race([
      once(child.stdout as NodeJS.ReadableStream, "data"),
      once(child, "exit").then(() => Promise.reject(new Error(`${child.spawnargs.join(" ")} ended`))),
    ]);
  }
}

const piped = { stdio: ["ignore", "pipe", "inherit"] as ["ignore", "pipe", "inherit"] };

function ip(...words: readonly string[]): void {
  execFileSync("ip", words, { stdio: ["ignore", "pipe", "inherit"] });
}

/** SIGTERM, and waits for the end. */
export async function end(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}
