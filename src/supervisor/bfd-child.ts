import { describeBfdEvent } from "../bfd/process/bfd-event.ts";
import { BfdRunner } from "../bfd/process/runner.ts";
import type { BfdModel } from "../config/bfd-model.ts";
import type { FromBfd, ToBfd } from "./bfd-messages.ts";
import { OwnProcess } from "./process-settings.ts";

/** How old counters may be in status. */
const countersEveryMs = 2_000;

/** The BFD process's end of the channel. */
export class BfdChild {
  readonly #send: (message: FromBfd) => void;
  readonly #process = new OwnProcess("bfd", (severity, message) => this.#send({ kind: "log", severity, message }));
  #runner: BfdRunner | null = null;

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
      process.disconnect();
    }
  }

  /** Takes all sessions down, and tells the neighbours: at once is better than after their detection times. */
  end(): void {
    this.#runner?.shutdown();
    this.#runner?.close();
    this.#runner = null;
  }

  #handle(message: ToBfd): void {
    switch (message.kind) {
      case "start":
        this.#configure(message.model);
        setInterval(() => this.#tellAll(), countersEveryMs);
        this.#send({ kind: "started" });
        return;
      case "configure":
        this.#configure(message.model);
        this.#send({ kind: "configured", id: message.id });
        return;
      case "stop":
        this.end();
        process.disconnect();
    }
  }

  #configure(model: BfdModel): void {
    this.#process.apply(model.process);
    this.#runner ??= new BfdRunner({
      onEvents: (events) => {
        for (const event of events) this.#send({ kind: "log", ...describeBfdEvent(event) });
      },
      onViews: (views) => this.#send({ kind: "views", views }),
    });
    this.#runner.configure(model);
  }

  #tellAll(): void {
    if (this.#runner !== null) this.#send({ kind: "views", views: this.#runner.views() });
  }
}
