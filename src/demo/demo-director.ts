import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ReloadResult } from "../control/api.ts";
import { DaemonUnreachable, requestControl } from "../control/client.ts";
import type { StatusDocument } from "../control/status-document.ts";
import { connectUserspace, type UserspaceDataPlane } from "../dataplane/client.ts";
import { UserspaceError } from "../dataplane/userspace-error.ts";
import { type RunDir, runDir } from "../supervisor/program/run-dir.ts";

const leash = join(import.meta.dirname, "leash.ts");
const startWithinMs = 60_000;
const lastLogLines = 20;

/** Files of the director in the demo's directory. */
export interface DirectorFiles {
  /** The demo's own directory, removed in the end. */
  readonly directory: string;
  readonly config: string;
  readonly log: string;
}

/** The real director, `lbctl run --dataplane userspace`, as a process of its own. */
export class DemoDirector {
  readonly #files: DirectorFiles;
  readonly #runDir: RunDir;
  readonly #leash: ChildProcess;
  readonly #exit: Promise<number | null>;
  #ended = false;
  #plane: UserspaceDataPlane | null = null;
  #pids: readonly number[] = [];

  /** Starts `program` (the command line's entry); `ready` says when it works. */
  constructor(program: string, files: DirectorFiles) {
    this.#files = files;
    this.#runDir = runDir(join(files.directory, "run"));
    const run = [
      program,
      "run",
      "-f",
      files.config,
      "--dataplane",
      "userspace",
      "--run-dir",
      this.#runDir.path,
      "--log",
      "console",
    ];
    // A session of its own: Ctrl-C at the terminal is the demo's, which ends the director in order.
    this.#leash = fork(leash, [files.directory, files.log, ...run], {
      execArgv: [],
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#leash.on("message", () => {
      this.#ended = true;
    });
    this.#exit = once(this.#leash, "exit").then(([code]) => {
      this.#ended = true;
      return code as number | null;
    });
  }

  get runDirectory(): string {
    return this.#runDir.path;
  }

  /** Processes of the director that are known, for the check that none is left. */
  get pids(): readonly number[] {
    return this.#pids;
  }

  /** Resolves when every real server is up and in the table. @throws with the end of the log */
  async ready(signal: AbortSignal): Promise<void> {
    const deadlineMs = performance.now() + startWithinMs;
    while (!(await this.#allServe())) {
      signal.throwIfAborted();
      if (this.#ended) throw new Error(`the director ended instead of starting:\n${this.#lastLog()}`);
      if (performance.now() > deadlineMs) {
        throw new Error(`the director was not ready within ${startWithinMs / 1000} s:\n${this.#lastLog()}`);
      }
      await sleep(50);
    }
    const supervisor = (await this.status()).daemon.pid;
    this.#pids = [supervisor, ...childrenOf(supervisor), ...(this.#leash.pid === undefined ? [] : [this.#leash.pid])];
  }

  /** Ports of the real servers that take new connections, straight from the data plane's table. */
  async servingPorts(): Promise<readonly number[]> {
    this.#plane ??= await connectUserspace(this.#runDir.dataplaneSocket);
    const [service] = await this.#plane.dump();
    return service?.destinations.flatMap(({ port, weight }) => (weight > 0 ? [port] : [])) ?? [];
  }

  status(): Promise<StatusDocument> {
    return requestControl(this.#runDir.controlSocket, "GET /v1/status", null);
  }

  reload(): Promise<ReloadResult> {
    return requestControl(this.#runDir.controlSocket, "POST /v1/reload", null);
  }

  /** Ends the director in order; resolves with its exit status. The demo's directory is gone afterwards. */
  async end(): Promise<number | null> {
    await this.#plane?.close();
    if (this.#leash.connected) this.#leash.disconnect();
    return this.#exit;
  }

  async #allServe(): Promise<boolean> {
    try {
      const [service] = (await this.status()).virtual_servers;
      const realServers = service?.real_servers ?? [];
      const serving = realServers.every(({ state }) => state === "up") ? await this.servingPorts() : [];
      return serving.length > 0 && serving.length === realServers.length;
    } catch (error) {
      if (error instanceof DaemonUnreachable || error instanceof UserspaceError) return false;
      throw error;
    }
  }

  #lastLog(): string {
    try {
      return readFileSync(this.#files.log, "utf8").trimEnd().split("\n").slice(-lastLogLines).join("\n");
    } catch {
      return "(it has written no log)";
    }
  }
}

/** Child processes, where /proc tells. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return text === "" ? [] : text.split(" ").map(Number);
  } catch {
    return [];
  }
}
