import { fileURLToPath } from "node:url";
import type { SessionView } from "../../bfd/process/session-view.ts";
import type { BfdModel } from "../../config/bfd-model.ts";
import type { Logger } from "../../log/logger.ts";
import { type ChildCare, KeptChild } from "../children/kept-child.ts";
import { Requests } from "../children/requests.ts";
import { Standby } from "../children/standby.ts";
import type { BfdEstate, FromBfd, ToBfd } from "./bfd-messages.ts";
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

type Answer = Extract<FromBfd, { readonly kind: "configured" | "handed_over" }>;

/** The supervisor's end of the channel to the BFD process, which runs from the first session on. */
export class BfdLink {
  readonly #options: BfdLinkOptions;
  readonly #child: KeptChild<ToBfd, FromBfd>;
  readonly #bfdLog: Logger;
  readonly #told = new ToldSessions();
  readonly #views = new Map<string, SessionView>();
  readonly #requests = new Requests<ToBfd, Answer>((message) => this.#child.send(message), bfdNotRunning);
  #model: BfdModel;
  #phase: BfdPhase = "off";
  readonly #standby = new Standby();
  #gone: Promise<void> | null = null;

  constructor(options: BfdLinkOptions) {
    this.#options = options;
    this.#bfdLog = options.log.as("bfd");
    this.#model = options.initial;
    this.#told.configure(options.initial.instances);
    this.#child = new KeptChild<ToBfd, FromBfd>({
      entry: fileURLToPath(new URL("./bfd-main.ts", import.meta.url)),
      args: [],
      care: options.care,
      greeting: () => ({ kind: "start", model: this.#model, standsBy: this.#standby.begun }),
      onMessage: (message) => this.#receive(message),
      onExit: ({ pid, cause, restartInMs }) => {
        this.#phase = "restarting";
        this.#requests.lost(bfdNotRunning());
        if (this.#standby.failed(`the BFD process ended (${cause})`)) return;
        if (restartInMs === null) return;
        options.log.error(
          `the BFD process ${pid} ended (${cause}); its sessions count as they did until they had time to come up again, a new one starts in ${restartInMs} ms`,
          { event: "process_ended", process: "bfd" },
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

  /** The configuration in force. */
  get model(): BfdModel {
    return this.#model;
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

  /** Starts a process that runs the sessions with `take` only. Resolves when it is ready for that. */
  async standBy(): Promise<void> {
    if (!this.#options.enabled || this.#model.instances.length === 0) return;
    this.#phase = "starting";
    await this.#standby.begin(() => this.#child.start());
  }

  /** It runs the sessions from now on. Resolves when it does. */
  async take({ sessions, views }: BfdEstate): Promise<void> {
    for (const view of views) this.#views.set(view.name, view);
    this.#told.heard(views);
    this.#options.onTold(this.#told.all());
    if (this.#standby.begun) await this.#standby.take(() => this.#child.send({ kind: "take", sessions }));
  }

  /** The predecessor is gone. */
  settled(): void {
    this.#child.send({ kind: "settled" });
  }

  /** Ends the process, which leaves the sessions to another one. */
  async handOver(): Promise<BfdEstate> {
    if (this.#phase === "off") return { sessions: null, views: [] };
    const answer = await this.#requests.ask("handed_over", (id) => ({ kind: "hand_over", id })).catch(() => null);
    this.#gone = this.#child.end(stopGraceMs, "wait");
    return { sessions: answer?.sessions ?? null, views: this.views };
  }

  /** After `handOver`, when nobody took it: goes on itself. */
  async resume(estate: BfdEstate): Promise<void> {
    if (this.#phase === "off") return;
    await this.#gone;
    this.#phase = "starting";
    await this.#standby.resume(
      () => this.#child.revive(),
      () => this.take(estate),
    );
    this.settled();
  }

  /** Resolves when every session runs under the configuration. A process that dies over it starts again from it. */
  async configure(model: BfdModel): Promise<void> {
    this.#model = model;
    for (const name of this.#views.keys()) {
      if (!model.instances.some((instance) => instance.name === name)) this.#views.delete(name);
    }
    this.#options.onTold(this.#told.configure(model.instances));
    if (this.#phase === "off") return this.start();
    await this.#requests.ask("configured", (id) => ({ kind: "configure", id, model })).catch(() => {});
  }

  /** Ends the BFD process for good; the neighbours are told. */
  async stop(): Promise<void> {
    this.#child.send({ kind: "stop" });
    await this.#child.end(stopGraceMs, "wait");
  }

  #receive(message: FromBfd): void {
    switch (message.kind) {
      case "standing_by":
        this.#standby.stands();
        return;
      case "started":
        this.#phase = "running";
        this.#standby.taken();
        return;
      case "configured":
      case "handed_over":
        this.#requests.answered(message);
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
        this.#bfdLog.log(message.severity, message.message, message.fields);
    }
  }
}

/** Nobody sees it: who asked goes on without an answer. */
function bfdNotRunning(): Error {
  return new Error("the BFD process does not run at the moment");
}
