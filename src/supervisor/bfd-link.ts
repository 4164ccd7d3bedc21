import { fileURLToPath } from "node:url";
import type { SessionView } from "../bfd/process/session-view.ts";
import type { BfdModel } from "../config/bfd-model.ts";
import type { Logger } from "../log/logger.ts";
import type { FromBfd, ToBfd } from "./bfd-messages.ts";
import { type ChildCare, KeptChild } from "./kept-child.ts";
import { type ToldSession, ToldSessions } from "./told-sessions.ts";

/** How long telling the neighbours may take. */
const stopGraceMs = 2_000;

export type BfdPhase = "off" | "starting" | "running" | "restarting";

export interface BfdLinkOptions {
  readonly care?: ChildCare | undefined;
  readonly initial: BfdModel;
  /** Without it no process is started (-B). */
  readonly enabled: boolean;
  /** What VRRP and the checkers have to know, whenever it changes. */
  readonly onTold: (sessions: readonly ToldSession[]) => void;
  readonly log: Logger;
}

/** The supervisor's end of the channel to the BFD process, which runs from the first session on. */
export class BfdLink {
  readonly #options: BfdLinkOptions;
  readonly #child: KeptChild<ToBfd, FromBfd>;
  readonly #bfdLog: Logger;
  readonly #told = new ToldSessions();
  readonly #views = new Map<string, SessionView>();
  readonly #pending = new Map<number, () => void>();
  #model: BfdModel;
  #phase: BfdPhase = "off";
  #nextId = 1;

  constructor(options: BfdLinkOptions) {
    this.#options = options;
    this.#bfdLog = options.log.as("bfd");
    this.#model = options.initial;
    this.#told.configure(options.initial.instances);
    this.#child = new KeptChild<ToBfd, FromBfd>({
      entry: fileURLToPath(new URL("./bfd-main.ts", import.meta.url)),
      args: [],
      care: options.care,
      greeting: () => ({ kind: "start", model: this.#model }),
      onMessage: (message) => this.#receive(message),
      onExit: ({ pid, cause, restartInMs }) => {
        this.#phase = "restarting";
        this.#resolveAll();
        if (restartInMs === null) return;
        options.log.error(
          `the BFD process ${pid} ended (${cause}); its sessions count as they did until they had time to come up again, a new one starts in ${restartInMs} ms`,
        );
      },
    });
  }

  get phase(): BfdPhase {
    return this.#phase;
  }

  get pid(): number | null {
    return this.#child.pid;
  }

  /** Of the sessions, in the order of the configuration; those that told nothing yet are missing. */
  get views(): readonly SessionView[] {
    return this.#model.instances.flatMap(({ name }) => this.#views.get(name) ?? []);
  }

  /** What is known of every session now. */
  get told(): readonly ToldSession[] {
    return this.#told.all();
  }

  start(): void {
    if (!this.#options.enabled || this.#model.instances.length === 0 || this.#phase !== "off") return;
    this.#phase = "starting";
    this.#child.start();
  }

  /** Resolves when every session runs under the configuration. A process that dies over it starts again from it. */
  async configure(model: BfdModel): Promise<void> {
    this.#model = model;
    for (const name of this.#views.keys()) {
      if (!model.instances.some((instance) => instance.name === name)) this.#views.delete(name);
    }
    this.#options.onTold(this.#told.configure(model.instances));
    if (this.#phase === "off") return this.start();
    const id = this.#nextId++;
    if (!this.#child.send({ kind: "configure", id, model })) return;
    await new Promise<void>((resolve) => this.#pending.set(id, resolve));
  }

  /** Ends the BFD process for good; the neighbours are told. */
  async stop(): Promise<void> {
    this.#child.send({ kind: "stop" });
    await this.#child.end(stopGraceMs, "wait");
  }

  #receive(message: FromBfd): void {
    switch (message.kind) {
      case "started":
        this.#phase = "running";
        return;
      case "configured":
        this.#pending.get(message.id)?.();
        this.#pending.delete(message.id);
        return;
      case "views": {
        for (const view of message.views) this.#views.set(view.name, view);
        const told = this.#told.heard(message.views);
        if (told.length > 0) this.#options.onTold(told);
        return;
      }
      case "failed":
        this.#options.log.error(`the BFD process cannot go on: ${message.message}`);
        return;
      case "log":
        this.#bfdLog.log(message.severity, message.message, {});
    }
  }

  #resolveAll(): void {
    for (const resolve of this.#pending.values()) resolve();
    this.#pending.clear();
  }
}
