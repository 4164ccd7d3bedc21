import { type ChildProcess, fork } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { performance } from "node:perf_hooks";
import { ownEnvironment } from "../program/compile-cache.ts";
import type { ChildWatch } from "./child-watch.ts";
import { answer, question } from "./hear-supervisor.ts";
import { neverRestarted, type RestartState, restartDelay } from "./restart-policy.ts";
import { toldMessages } from "./tell-supervisor.ts";
import { waitedForProcessorMs } from "./waited-for-processor.ts";

/** How a child ended. */
export interface ChildExit {
  readonly pid: number;
  readonly cause: string;
  readonly livedMs: number;
  /** Null when it will not be started again. */
  readonly restartInMs: number | null;
}

export interface KeptChildOptions<ToChild, FromChild> {
  /** Path of the program. */
  readonly entry: string;
  readonly args: readonly string[];
  /** Options of Node. */
  readonly nodeOptions?: readonly string[];
  /** The nice value with which it loads its code, if it would be a higher one, and where that is permitted; null: as it comes. */
  readonly startingNice?: () => number | null;
  /** The first message of every new process. */
  readonly greeting: () => ToChild;
  readonly onMessage: (message: FromChild) => void;
  readonly onExit: (exit: ChildExit) => void;
  readonly care?: ChildCare | undefined;
}

/** How the supervisor looks after a child. */
export interface ChildCare {
  /** "VRRP": completes "the ... process". */
  readonly role: string;
  /** Asks it whether it answers, and says whether it is started again. */
  readonly watch: ChildWatch;
  /** Seconds without an answer after which it is killed. */
  readonly hungAfterS: number;
  /** Seconds in which it only waits for a processor do not count. */
  readonly mayWait: boolean;
  /** Holds its process id while it runs; null: none was asked for. */
  readonly pidFile: () => string | null;
}

/** A child process that is started again, with growing delays, whenever it ends without having been told to. */
export class KeptChild<ToChild extends object, FromChild> {
  readonly #options: KeptChildOptions<ToChild, FromChild>;
  #process: ChildProcess | null = null;
  #restart: RestartState = neverRestarted;
  #timer: NodeJS.Timeout | null = null;
  #ending = false;
  #unanswered = 0;
  /** For a processor, when the first question was asked that is not answered. */
  #waitedMs = 0;
  #hasSpoken = false;
  /** Since it was last to be asked. */
  #speaks = false;
  #starts = 0;

  constructor(options: KeptChildOptions<ToChild, FromChild>) {
    this.#options = options;
    const { care } = options;
    if (care === undefined) return;
    const self = this;
    care.watch.add({
      role: care.role,
      hungAfterS: care.hungAfterS,
      waitedS: () => (care.mayWait ? (waitedForProcessorMs(self.pid ?? 0) - self.#waitedMs) / 1000 : 0),
      get pid() {
        return self.pid;
      },
      get unanswered() {
        return self.#unanswered;
      },
      get hasSpoken() {
        return self.#hasSpoken;
      },
      get restarts() {
        return Math.max(0, self.#starts - 1);
      },
      ask: () => this.#ask(),
      kill: () => void this.#process?.kill("SIGKILL"),
      writePidFile: () => this.#writePidFile(),
    });
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  start(): void {
    const startedMs = performance.now();
    this.#starts += 1;
    const child = this.#fork();
    if (child instanceof Error) {
      process.nextTick(() => this.#ended(0, child.message, startedMs));
      return;
    }
    this.#process = child;
    hurry(child.pid, this.#options.startingNice?.() ?? null);
    this.#unanswered = 0;
    this.#hasSpoken = false;
    this.#writePidFile();
    child.on("message", (message) => {
      this.#unanswered = 0;
      this.#hasSpoken = true;
      this.#speaks = true;
      for (const each of toldMessages(message)) {
        if ((each as { kind?: unknown }).kind !== answer.kind) this.#options.onMessage(each as FromChild);
      }
    });
    let over = false;
    const ended = (cause: string): void => {
      if (over) return;
      over = true;
      this.#process = null;
      this.#removePidFile(child.pid);
      this.#ended(child.pid ?? 0, cause, startedMs);
    };
    child.on("error", (error) => {
      // No process came to be, and no "exit" will follow. Otherwise a message was on its way to one that dies: its exit says it.
      if (child.pid === undefined) ended(error.message);
    });
    child.on("exit", (code, signal) => ended(signal === null ? `exit status ${code}` : `signal ${signal}`));
    this.send(this.#options.greeting());
  }

  /** Of what fork(2) refuses Node tells some as an event, and throws the rest: no memory is left, for one. */
  #fork(): ChildProcess | Error {
    const { entry, args, nodeOptions = [] } = this.#options;
    try {
      // Structured clone instead of JSON: half the time and a third of the blocking for a model of 10,000 virtual servers.
      return fork(entry, args, { serialization: "advanced", execArgv: [...nodeOptions], env: ownEnvironment() });
    } catch (error) {
      return error as Error;
    }
  }

  #ended(pid: number, cause: string, startedMs: number): void {
    const livedMs = performance.now() - startedMs;
    this.#options.onExit({ pid, cause, livedMs, restartInMs: this.#scheduleRestart(livedMs, cause) });
  }

  /** From now on an end is an end: no restart follows. */
  letEnd(): void {
    this.#ending = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** After an end that was not the last: one is kept running again, from now on. */
  revive(): void {
    this.#ending = false;
    this.startIfAway();
  }

  /** Starts one at once where none runs, also after `end`. */
  startIfAway(): void {
    if (this.#process !== null) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.start();
  }

  /** Sends if a process runs and its channel is open; says whether it did. */
  send(message: ToChild): boolean {
    const child = this.#process;
    if (child === null || !child.connected) return false;
    child.send(message, () => {});
    return true;
  }

  /**
   * As `letEnd`. "disconnect" closes the channel, at which a child of ours ends; "wait" is
   * for one that was told to end already. Resolves when no process is left; one that takes longer than `graceMs` is killed.
   */
  async end(graceMs: number, how: "disconnect" | "wait"): Promise<void> {
    this.letEnd();
    const child = this.#process;
    if (child === null) return;
    await new Promise<void>((resolve) => {
      const kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
      child.once("exit", () => {
        clearTimeout(kill);
        resolve();
      });
      if (how === "disconnect" && child.connected) child.disconnect();
    });
  }

  /** Not where nothing can be sent, as such a process is ending; nor one that has just spoken. */
  #ask(): void {
    const child = this.#process;
    if (child === null || !child.connected) return;
    const speaks = this.#speaks;
    this.#speaks = false;
    if (speaks) return;
    if (this.#unanswered === 0 && this.#options.care?.mayWait) this.#waitedMs = waitedForProcessorMs(child.pid ?? 0);
    this.#unanswered += 1;
    child.send(question, () => {});
  }

  #writePidFile(): void {
    const path = this.#options.care?.pidFile() ?? null;
    const pid = this.#process?.pid;
    if (path === null || pid === undefined) return;
    try {
      writeFileSync(path, `${pid}\n`);
    } catch {
      // It was writable at the start, when it was claimed; the process matters more.
    }
  }

  /** Unless a successor has written it meanwhile. */
  #removePidFile(pid: number | undefined): void {
    const path = this.#options.care?.pidFile() ?? null;
    if (path === null) return;
    try {
      if (readFileSync(path, "utf8") === `${pid}\n`) rmSync(path);
    } catch {
      // It is gone already.
    }
  }

  #scheduleRestart(livedMs: number, cause: string): number | null {
    if (this.#ending) return null;
    const { care } = this.#options;
    if (care !== undefined && !care.watch.respawns) {
      care.watch.died(care.role, cause);
      return null;
    }
    const { state, delayMs } = restartDelay(this.#restart, livedMs);
    this.#restart = state;
    this.#timer = setTimeout(() => this.start(), delayMs);
    return delayMs;
  }
}

function hurry(pid: number | undefined, nice: number | null): void {
  if (pid === undefined || nice === null) return;
  try {
    if (getPriority(pid) > nice) setPriority(pid, nice);
  } catch {
    // Not permitted, or it has ended: it starts as anything else does.
  }
}
