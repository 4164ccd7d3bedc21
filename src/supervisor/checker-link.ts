import { fileURLToPath } from "node:url";
import type { Model } from "../config/model.ts";
import { ControlError, type OperationSummary } from "../control/api.ts";
import type { ViewChange } from "../control/view.ts";
import type { Logger } from "../log/logger.ts";
import { KeptChild } from "./kept-child.ts";
import type { ApplyReport, CheckerSettings, FromChecker, ToChecker } from "./messages.ts";

/** How long a stop may take: removing a table of 10,000 services takes seconds. */
const stopGraceMs = 60_000;

export type CheckerPhase = "starting" | "running" | "restarting";

export interface CheckerLinkOptions {
  readonly settings: CheckerSettings;
  /** What every new checker process starts from. */
  readonly current: () => { readonly generation: number; readonly model: Model };
  readonly onView: (change: ViewChange) => void;
  readonly onStarted: (report: ApplyReport) => void;
  readonly log: Logger;
}

type Answer = Extract<FromChecker, { readonly kind: "configured" | "planned" | "stopped" }>;

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: ControlError) => void;
}

/** The supervisor's end of the channel to the checker process: requests with answers, and what it pushes. */
export class CheckerLink {
  readonly #options: CheckerLinkOptions;
  readonly #child: KeptChild<ToChecker, FromChecker>;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #phase: CheckerPhase = "starting";

  constructor(options: CheckerLinkOptions) {
    this.#options = options;
    this.#child = new KeptChild<ToChecker, FromChecker>({
      entry: fileURLToPath(new URL("./checker-main.ts", import.meta.url)),
      args: [],
      greeting: () => ({ kind: "start", settings: options.settings, ...options.current() }),
      onMessage: (message) => this.#receive(message),
      onExit: ({ pid, cause, restartInMs }) => {
        this.#phase = "restarting";
        this.#rejectAll("the checker process ended before it answered");
        if (restartInMs === null) return;
        options.log.error(
          `the checker process ${pid} ended (${cause}); the table stays as it is, a new one starts in ${restartInMs} ms`,
        );
      },
    });
  }

  get phase(): CheckerPhase {
    return this.#phase;
  }

  get pid(): number | null {
    return this.#child.pid;
  }

  start(): void {
    this.#child.start();
  }

  async configure(generation: number, model: Model): Promise<ApplyReport> {
    const answer = await this.#request((id) => ({ kind: "configure", id, generation, model }));
    if (answer.kind !== "configured") throw unexpected(answer);
    return answer.report;
  }

  async plan(model: Model): Promise<readonly OperationSummary[]> {
    const answer = await this.#request((id) => ({ kind: "plan", id, model }));
    if (answer.kind !== "planned") throw unexpected(answer);
    return answer.operations;
  }

  /** Ends the checker process for good; says whether it did what was asked before it ended. */
  async stop(ipvs: "keep" | "remove"): Promise<boolean> {
    const stopped = this.#request((id) => ({ kind: "stop", id, ipvs })).then(
      () => true,
      () => false,
    );
    await this.#child.end(stopGraceMs);
    return stopped;
  }

  #request(message: (id: number) => ToChecker): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (!this.#child.send(message(id))) {
        reject(notRunning("the checker process does not run at the moment"));
        return;
      }
      this.#pending.set(id, { resolve, reject });
    });
  }

  #receive(message: FromChecker): void {
    const { onView, onStarted, log } = this.#options;
    switch (message.kind) {
      case "view":
        onView(message.change);
        break;
      case "log":
        log.log(message.severity, message.message, message.fields);
        break;
      case "started":
        this.#phase = "running";
        onStarted(message.report);
        break;
      case "failed":
        if (message.id === null) log.error(`the checker process cannot work: ${message.message}. ${message.hint}`);
        else this.#take(message.id)?.reject(new ControlError("internal", message.message, message.hint));
        break;
      case "configured":
      case "planned":
      case "stopped":
        this.#take(message.id)?.resolve(message);
        break;
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #rejectAll(why: string): void {
    for (const { reject } of this.#pending.values()) reject(notRunning(why));
    this.#pending.clear();
  }
}

function notRunning(why: string): ControlError {
  return new ControlError("checker-not-running", why, "It is being restarted: try again in a moment, and see the log.");
}

function unexpected(answer: Answer): Error {
  return new Error(`the checker process answered "${answer.kind}" to another request`);
}
