import { bfdEventFields, describeBfdEvent } from "../../bfd/process/bfd-event.ts";
import { BfdRunner } from "../../bfd/process/runner.ts";
import type { BfdModel } from "../../config/bfd-model.ts";
import { leaveSupervisor } from "../children/hear-supervisor.ts";
import { OwnProcess } from "../children/process-settings.ts";
import type { BfdEstate, FromBfd, ToBfd } from "./bfd-messages.ts";

/** How old counters may be in status. */
const countersEveryMs = 2_000;

/** The BFD process's end of the channel. */
export class BfdChild {
  readonly #send: (message: FromBfd) => void;
  readonly #process = new OwnProcess("bfd", (severity, message) =>
    this.#send({ kind: "log", severity, message, fields: {} }),
  );
  #runner: BfdRunner | null = null;
  /** Until `take`. */
  #model: BfdModel | null = null;
  /** A predecessor may go on if the supervisor ends. */
  #isSettled = true;

  constructor(send: (message: FromBfd) => void) {
    this.#send = send;
  }

  receive(message: ToBfd): void {
    try {
      this.#handle(message);
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#send({ kind: "failed", message: text });
      // What of a configuration was carried out is unknown: a new process starts from it.
      leaveSupervisor();
    }
  }

  /** Takes all sessions down, and tells the neighbours: at once is better than after their detection times. */
  end(): void {
    if (this.#isSettled) this.#runner?.shutdown();
    this.#runner?.close();
    this.#runner = null;
  }

  #handle(message: ToBfd): void {
    switch (message.kind) {
      case "start":
        this.#isSettled = !message.standsBy;
        this.#model = message.model;
        if (message.standsBy) this.#send({ kind: "standing_by" });
        else this.#begin(message.model, null);
        return;
      case "take":
        this.#begin(this.#model as BfdModel, message.sessions);
        return;
      case "settled":
        this.#isSettled = true;
        return;
      case "hand_over":
        this.#handOver(message.id);
        return;
      case "configure":
        this.#configure(message.model);
        this.#send({ kind: "configured", id: message.id });
        return;
      case "stop":
        this.end();
        leaveSupervisor();
    }
  }

  #begin(model: BfdModel, sessions: BfdEstate["sessions"]): void {
    if (sessions !== null) this.#running().inherit(sessions);
    this.#configure(model);
    setInterval(() => this.#tellAll(), countersEveryMs);
    this.#send({ kind: "started" });
  }

  #handOver(id: number): void {
    const sessions = this.#runner?.handOver() ?? [];
    this.#runner?.close();
    this.#runner = null;
    this.#send({ kind: "handed_over", id, sessions });
    leaveSupervisor();
  }

  #configure(model: BfdModel): void {
    this.#process.apply(model.process);
    this.#running().configure(model);
  }

  #running(): BfdRunner {
    this.#runner ??= new BfdRunner({
      onEvents: (events) => {
        for (const event of events)
          this.#send({ kind: "log", ...describeBfdEvent(event), fields: bfdEventFields(event) });
      },
      onViews: (views) => this.#send({ kind: "views", views }),
    });
    return this.#runner;
  }

  #tellAll(): void {
    if (this.#runner !== null) this.#send({ kind: "views", views: this.#runner.views() });
  }
}
