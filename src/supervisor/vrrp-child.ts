import { native } from "ipvs-netlink";
import { acquireWriterLock } from "../director/writer-lock.ts";
import { VrrpProcess } from "../vrrp/process/vrrp-process.ts";
import { namespaceIdentity } from "./namespace-identity.ts";
import { OwnProcess } from "./process-settings.ts";
import type { FromVrrp, ToVrrp } from "./vrrp-messages.ts";

/** How often a master tells that it runs. */
const aliveEveryMs = 250;

/** The VRRP process's end of the channel: one message after the other. */
export class VrrpChild {
  readonly #send: (message: FromVrrp) => void;
  readonly #stopped = new AbortController();
  #vrrp: VrrpProcess | null = null;
  readonly #process = new OwnProcess("vrrp", (severity, message) => this.#send({ kind: "log", severity, message }));
  #queue: Promise<unknown> = Promise.resolve();

  constructor(send: (message: FromVrrp) => void) {
    this.#send = send;
  }

  receive(message: ToVrrp): void {
    if (message.kind === "stop") this.#stopped.abort();
    this.#queue = this.#queue.then(() => this.#handle(message)).catch((error: unknown) => this.#failed(message, error));
  }

  /** The supervisor is gone: nobody would restart this process or stop it. The peers take over. */
  async orphaned(): Promise<void> {
    this.#stopped.abort();
    await this.#vrrp?.stop("release");
  }

  async #handle(message: ToVrrp): Promise<void> {
    switch (message.kind) {
      case "start":
        return this.#start(message);
      case "configure":
        this.#process.apply(message.model.globals.process);
        await this.#running().configure(message.model, message.tracked, () => null);
        return this.#send({ kind: "configured", id: message.id });
      case "tracked":
        return this.#running().track(message.values);
      case "clear_counters":
        return this.#running().clearCounters();
      case "failover":
        return this.#send({ kind: "failed_over", id: message.id, known: this.#running().failover(message.instance) });
      case "stop":
        await this.#vrrp?.stop(message.vrrp);
        this.#send({ kind: "stopped", id: message.id });
        process.disconnect();
    }
  }

  async #start({ model, settings, resumed, tracked }: Extract<ToVrrp, { kind: "start" }>): Promise<void> {
    await acquireWriterLock({
      table: "vrrp",
      onWait: (holder) => {
        const who = holder === null ? "another lbctl" : `process ${holder.pid}`;
        this.#send({ kind: "log", severity: "notice", message: `waiting for ${who} to let go of the addresses` });
      },
      signal: this.#stopped.signal,
    });
    const vrrp = new VrrpProcess({
      runDir: settings.runDir,
      identity: namespaceIdentity(),
      buffers: model.globals.process.buffers,
      onLog: (severity, message, fields) => this.#send({ kind: "log", severity, message, fields }),
      onViews: (views) => this.#send({ kind: "views", views }),
      onEvents: (events) => {
        // Who is killed right after becoming master must be known as one.
        if (events.some(({ type }) => type === "changed")) this.#tellAlive(vrrp);
        this.#send({ kind: "events", events });
      },
    });
    this.#vrrp = vrrp;
    this.#process.apply(model.globals.process);
    const aliveMs = new Map(resumed.map((each) => [each.instance, each.aliveMs]));
    const advertMs = new Map(model.instances.map((each) => [each.name, each.advertMs]));
    await vrrp.configure(model, tracked, (instance) => {
      const last = aliveMs.get(instance);
      // Alive it was then; its last advert may have been one interval before.
      return last === undefined ? null : native().bootTime() - last + (advertMs.get(instance) ?? 0);
    });
    setInterval(() => this.#tellAlive(vrrp), aliveEveryMs);
    this.#send({ kind: "started" });
  }

  #tellAlive(vrrp: VrrpProcess): void {
    this.#send({ kind: "alive", masters: vrrp.masters(), worstLateMs: vrrp.takeWorstLateMs() });
  }

  #running(): VrrpProcess {
    if (this.#vrrp === null) throw new Error("VRRP has not been started");
    return this.#vrrp;
  }

  #failed(message: ToVrrp, error: unknown): void {
    if (message.kind === "start" && this.#stopped.signal.aborted) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#send({ kind: "log", severity: "error", message: text });
    const id = "id" in message ? message.id : null;
    this.#send({ kind: "failed", id, message: error instanceof Error ? error.message : text });
    if (message.kind === "start" || message.kind === "stop") process.disconnect();
  }
}
