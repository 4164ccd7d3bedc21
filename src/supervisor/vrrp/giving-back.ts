import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { VrrpModel } from "../../config/vrrp-model.ts";
import type { Logger } from "../../log/logger.ts";
import type { Severity } from "../../log/record.ts";
import { toldMessages } from "../children/tell-supervisor.ts";
import { ownEnvironment } from "../program/compile-cache.ts";

/** The only message to the process that gives back. */
export interface ToGiveBack {
  readonly model: VrrpModel;
  /** Whose addresses, routes and rules. */
  readonly instances: readonly string[];
  readonly runDir: string;
}

export type FromGiveBack =
  | { readonly kind: "log"; readonly severity: Severity; readonly message: string }
  | { readonly kind: "given_back" }
  | { readonly kind: "failed"; readonly message: string };

export interface GivingBackOptions {
  readonly runDir: string;
  readonly log: Logger;
}

/** It waits for the writer lock, which nobody of this director has then. */
const withinMs = 10_000;

/**
 * Has a process of its own give back what a VRRP process that died has left, as the next one is not there in time. Who holds the
 * writer lock writes: that process, or the next VRRP process, which cleans up by itself.
 */
export class GivingBack {
  readonly #options: GivingBackOptions;
  readonly #owed = new Set<string>();
  #child: ChildProcess | null = null;
  #over: Promise<void> = Promise.resolve();

  constructor(options: GivingBackOptions) {
    this.#options = options;
  }

  /** Of these instances, and of those for which it failed before. */
  begin(model: VrrpModel, instances: readonly string[]): void {
    for (const name of instances) this.#owed.add(name);
    this.#over = this.#over.then(() => this.#run(model));
  }

  /** A VRRP process acts: it has cleaned up, and decides what is there from now on. */
  settle(): void {
    this.#owed.clear();
    this.#child?.kill("SIGKILL");
  }

  /** Resolves when nothing of this is under way. */
  over(): Promise<void> {
    return this.#over;
  }

  async #run(model: VrrpModel): Promise<void> {
    const instances = [...this.#owed];
    if (instances.length === 0) return;
    const { log, runDir } = this.#options;
    const failure = await this.#once({ model, instances, runDir });
    if (this.#owed.size === 0) return;
    const whose = `addresses of ${instances.join(", ")}`;
    if (failure !== null) return log.error(`${whose} could not be given back: ${failure}`);
    for (const name of instances) this.#owed.delete(name);
    log.notice(`${whose} are given back, as the VRRP process is not back in time`);
  }

  /** Null: all is given back. */
  #once(task: ToGiveBack): Promise<string | null> {
    return new Promise((resolve) => {
      let outcome: string | null = "its process ended";
      let child: ChildProcess;
      try {
        child = fork(fileURLToPath(new URL("./give-back-main.ts", import.meta.url)), [], {
          ...{ serialization: "advanced", execArgv: [], env: ownEnvironment() },
          ...{ timeout: withinMs, killSignal: "SIGKILL" },
        });
      } catch (error) {
        return resolve((error as Error).message);
      }
      this.#child = child;
      const ended = (cause: string | null): void => {
        this.#child = null;
        resolve(cause);
      };
      child.on("message", (message) => {
        for (const each of toldMessages(message) as FromGiveBack[]) {
          if (each.kind === "log") this.#options.log.log(each.severity, each.message);
          if (each.kind === "given_back") outcome = null;
          if (each.kind === "failed") outcome = each.message;
        }
      });
      child.on("error", (error) => child.pid === undefined && ended(error.message));
      child.on("exit", () => ended(outcome));
      // Where no descriptor is left Node tells it as an event, of a child that has no channel.
      if (child.connected) child.send(task, () => {});
    });
  }
}
