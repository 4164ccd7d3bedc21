import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { requestControl } from "../../src/control/client.ts";
import type { StatusDocument } from "../../src/control/status-document.ts";
import { runDir } from "../../src/supervisor/program/run-dir.ts";

/** lbctl: of this checkout, or one that was installed from a package. */
export const program = process.env.LBCTL_TEST_PROGRAM ?? join(import.meta.dirname, "../../bin/lbctl");

/** How a program ended: its status, or null after a signal, and everything it wrote. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of ours that runs. */
export interface Running {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

export function start(file: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(file, words, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  return {
    pid: child.pid ?? 0,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    signal: (signal) => void child.kill(signal),
    ended: new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status) => resolve({ status, ...output }));
    }),
  };
}

/** Runs a command of lbctl to its end. */
export function lbctl(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return start(program, words, env).ended;
}

/** Waits until `condition` holds; after `withinMs` throws what was waited for, and what `seen` says. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  seen: () => string = () => "",
  withinMs = 120_000,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs / 1000} s: ${what}\n${seen()}`);
    await sleep(50);
  }
}

/** A director with the user-space data plane in a directory of its own. */
export class DirectorNode {
  readonly directory = mkdtempSync(join(tmpdir(), "lbctl-e2e-"));
  readonly configFile = join(this.directory, "lbctl.yaml");
  readonly runDir = join(this.directory, "run");
  #daemons: Daemon[] = [];

  /** Writes the configuration; `start` or a reload makes it count. JSON is YAML. */
  configure(config: object): void {
    writeFileSync(this.configFile, JSON.stringify(config, null, 2));
  }

  /** Starts the daemon and waits until the table is as wanted, or as far as it can be. */
  async start(...options: readonly string[]): Promise<Daemon> {
    const daemon = this.launch(...options);
    await daemon.logged(/ready: /);
    return daemon;
  }

  /** Starts the daemon and waits for nothing. */
  launch(...options: readonly string[]): Daemon {
    const words = ["run", "-f", this.configFile, "--dataplane", "userspace", "--run-dir", this.runDir];
    const daemon = new Daemon(start(program, [...words, "--log", "console", ...options]));
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Any other command, to its end. */
  lbctl(...words: readonly string[]): Promise<Ended> {
    return lbctl([...words, "--run-dir", this.runDir]);
  }

  /** As `lbctl status --json` asks, without the time that Node takes to start. */
  status(): Promise<StatusDocument> {
    return requestControl(runDir(this.runDir).controlSocket, "GET /v1/status", null);
  }

  /** Ends what still runs and removes the directory. */
  async close(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.kill()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A running `lbctl run`. */
export class Daemon {
  readonly #running: Running;
  #ended: Ended | null = null;

  constructor(running: Running) {
    this.#running = running;
    running.ended.then(
      (ended) => {
        this.#ended = ended;
      },
      () => {},
    );
  }

  /** Of the director: the process that was started, or the one that took over last. */
  get pid(): number {
    const successor = [...this.log().matchAll(/upgrade: process (\d+) \(lbctl \S+ is the director/g)].at(-1)?.[1];
    return successor === undefined ? this.#running.pid : Number(successor);
  }

  log(): string {
    return this.#running.stderr();
  }

  /** Waits until the log has what matches. */
  async logged(pattern: RegExp): Promise<void> {
    await until(
      `the log has ${pattern}`,
      () => {
        if (this.#ended !== null && !pattern.test(this.log())) throw new Error(`lbctl run ended:\n${this.log()}`);
        return pattern.test(this.log());
      },
      () => this.log(),
    );
  }

  /** Process id of a child by its role; throws while there is none. */
  child(role: "bfd" | "checker" | "dataplane" | "scripts" | "vrrp" | "web"): number {
    const pid = childrenOf(this.pid).find((child) => titleOf(child) === `lbctl: ${role}`);
    if (pid === undefined) throw new Error(`there is no ${role} process`);
    return pid;
  }

  /** Of a process of ours: NAME=value. */
  environment(pid: number): string {
    return read(`/proc/${pid}/environ`).replaceAll("\0", "\n");
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** SIGTERM, and the end that follows: of the last director that writes this log. */
  stop(): Promise<Ended> {
    this.signal("SIGTERM");
    return this.#running.ended;
  }

  get ended(): Promise<Ended> {
    return this.#running.ended;
  }

  /** SIGKILL to it and to its children, as a last resort; nothing if it has ended. */
  async kill(): Promise<void> {
    if (this.#ended !== null) return;
    for (const pid of new Set([this.pid, this.#running.pid].flatMap((each) => [...childrenOf(each), each]))) {
      if (runs(pid)) process.kill(pid, "SIGKILL");
    }
    await this.#running.ended;
  }
}

/** Child processes of a process, as far as /proc tells. */
export function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

/** Neither ended nor waiting to be reaped. */
export function runs(pid: number): boolean {
  return /^State:\s+[^Z\s]/m.test(read(`/proc/${pid}/status`));
}

/** Its command line, which ours replace with what they do. */
export function titleOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
