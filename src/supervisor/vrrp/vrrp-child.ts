import { native } from "ipvs-netlink";
import type { VrrpInstance, VrrpModel } from "../../config/vrrp-model.ts";
import { acquireWriterLock, type WriterLock } from "../../director/writer-lock.ts";
import { VrrpProcess } from "../../vrrp/process/vrrp-process.ts";
import { leaveSupervisor } from "../children/hear-supervisor.ts";
import { OwnProcess } from "../children/process-settings.ts";
import { namespaceIdentity } from "../program/namespace-identity.ts";
import { lastAdvertsOf } from "./late-masters.ts";
import { lastAdverts, leftMasters, leftMastersRecord } from "./left-masters.ts";
import type { FromVrrp, ToVrrp, TrackedNow, VrrpSettings } from "./vrrp-messages.ts";

/** How often a master tells that it runs. */
const aliveEveryMs = 250;
/**
 * How long a master whose supervisor is gone waits for another one. A service manager starts it after a second, and a busy machine takes
 * its time; for as long scripts and checks may be unheard when a supervisor hangs.
 */
const succeededWithinMs = 30_000;

type Given = Pick<Extract<ToVrrp, { kind: "start" }>, "model" | "settings">;

/** The VRRP process's end of the channel: one message after the other. */
export class VrrpChild {
  readonly #send: (message: FromVrrp) => void;
  readonly #stopped = new AbortController();
  #vrrp: VrrpProcess | null = null;
  #lock: WriterLock | null = null;
  /** What it was started with. */
  #given: Given | null = null;
  #model: VrrpModel | null = null;
  /** A predecessor may go on if the supervisor ends. */
  #isSettled = true;
  /** Runs while this is master of any instance. */
  #alive: NodeJS.Timeout | undefined;
  readonly #process = new OwnProcess("vrrp", (severity, message) => this.#send({ kind: "log", severity, message }));
  #queue: Promise<unknown> = Promise.resolve();

  constructor(send: (message: FromVrrp) => void) {
    this.#send = send;
  }

  receive(message: ToVrrp): void {
    if (message.kind === "stop" || message.kind === "hand_over") this.#stopped.abort();
    this.#queue = this.#queue.then(() => this.#handle(message)).catch((error: unknown) => this.#failed(message, error));
  }

  /**
   * The supervisor is gone. Where a service manager starts another one, that finds everything in place, if it comes soon and `signal`
   * does not end the wait; else nobody would restart this process or stop it. The peers take over, or the predecessor goes on.
   */
  async orphaned(signal: AbortSignal): Promise<void> {
    const isEnding = this.#stopped.signal.aborted;
    this.#stopped.abort();
    if (!this.#isSettled) return this.#vrrp?.stop("keep");
    if (!isEnding && (await this.#isSucceeded(signal))) {
      // Peers hear once more: all of their patience is the successor's.
      this.#vrrp?.handOver();
      return this.#leave(() => native().bootTime());
    }
    await this.#vrrp?.stop("release");
  }

  async #isSucceeded(signal: AbortSignal): Promise<boolean> {
    const { settings } = this.#given ?? {};
    if (settings?.isService !== true || this.#lock === null || this.#vrrp?.masters().length === 0) return false;
    const patience = AbortSignal.any([signal, AbortSignal.timeout(succeededWithinMs)]);
    return this.#lock.wantedAs(settings.runDir, patience).then(
      () => true,
      () => false,
    );
  }

  /** Ends with all in place, and says who was master: who starts in time goes on as such. */
  async #leave(advertMs: (instance: VrrpInstance) => number): Promise<void> {
    const { vrrp, given } = { vrrp: this.#running(), given: this.#given as Given };
    const left = leftMasters(vrrp.masters(), this.#model ?? given.model, advertMs);
    await vrrp.stop("keep");
    if (this.#lock === null) return;
    await leftMastersRecord(given.settings.runDir, namespaceIdentity())
      .save(left)
      .catch((error: Error) => this.#send({ kind: "log", severity: "warning", message: error.message }));
    await this.#lock.release();
  }

  async #handle(message: ToVrrp): Promise<void> {
    switch (message.kind) {
      case "start":
        return this.#start(message);
      case "configure":
        this.#model = message.model;
        this.#process.apply(message.model.globals.process);
        await this.#running().configure(message.model, message.tracked, () => null);
        this.#tellMasters(this.#running());
        return this.#send({ kind: "configured", id: message.id });
      case "take":
        return this.#take(message);
      case "settled":
        this.#isSettled = true;
        return;
      case "hand_over":
        return this.#handOver(message.id);
      case "tracked":
        return this.#running().track(message.values);
      case "clear_counters":
        return this.#running().clearCounters();
      case "count":
        return this.#count(message.id);
      case "failover":
        return this.#failover(message.id, message.instance);
      case "stop":
        if (message.vrrp === "keep" && this.#vrrp !== null) {
          await this.#leave(({ advertMs }) => native().bootTime() - advertMs);
        } else await this.#vrrp?.stop(message.vrrp);
        this.#send({ kind: "stopped", id: message.id });
        leaveSupervisor();
    }
  }

  #failover(id: number, instance: string): void {
    const vrrp = this.#running();
    const phase = vrrp.failover(instance);
    if (phase === "leaving") this.#tellMasters(vrrp);
    this.#send({ kind: "failed_over", id, phase });
  }

  async #start({ model, settings, resumed, tracked, standsBy }: Extract<ToVrrp, { kind: "start" }>): Promise<void> {
    this.#isSettled = !standsBy;
    this.#given = { model, settings };
    if (!standsBy) {
      await this.#acquireLock(() => this.#newProcess(model, settings).standBy(model, false));
      // That of the rehearsal.
      await this.#vrrp?.stop("keep");
      const left = await this.#takeLeft(model, settings);
      const vrrp = this.#newProcess(model, settings);
      this.#process.apply(model.globals.process);
      return this.#begin(vrrp, model, resumed.length > 0 ? lastAdvertsOf(resumed, model) : left, tracked);
    }
    const vrrp = this.#newProcess(model, settings);
    this.#process.apply(model.globals.process);
    await vrrp.standBy(model);
    this.#send({ kind: "standing_by" });
  }

  #newProcess(model: VrrpModel, settings: VrrpSettings): VrrpProcess {
    const vrrp: VrrpProcess = new VrrpProcess({
      runDir: settings.runDir,
      identity: namespaceIdentity(),
      buffers: model.globals.process.buffers,
      onLog: (severity, message, fields) => this.#send({ kind: "log", severity, message, fields }),
      onViews: (views) => this.#send({ kind: "views", views }),
      onCounters: (counted) => this.#send({ kind: "counters", counted }),
      onEvents: (events) => {
        // Who is killed right after becoming master must be known as one.
        if (events.some(({ type }) => type === "changed" || type === "moved")) this.#tellMasters(vrrp);
        this.#send({ kind: "events", events });
      },
    });
    this.#vrrp = vrrp;
    return vrrp;
  }

  /** Once only: what it says is true for the next one alone. */
  async #takeLeft(model: VrrpModel, { runDir }: VrrpSettings): Promise<ReadonlyMap<string, number>> {
    const record = leftMastersRecord(runDir, namespaceIdentity());
    const found = await record.load();
    await record.remove();
    return found.kind === "loaded" ? lastAdverts(found.content, model) : new Map();
  }

  async #begin(
    vrrp: VrrpProcess,
    model: VrrpModel,
    lastAdvertMs: ReadonlyMap<string, number>,
    tracked: readonly TrackedNow[],
  ): Promise<void> {
    await vrrp.configure(model, tracked, (instance) => {
      const last = lastAdvertMs.get(instance);
      return last === undefined ? null : native().bootTime() - last;
    });
    this.#started(vrrp);
  }

  /** The process before this one has ended, or is about to. */
  async #take({ estate, tracked }: Extract<ToVrrp, { kind: "take" }>): Promise<void> {
    const { snapshot, resumed } = estate;
    await this.#acquireLock();
    const vrrp = this.#running();
    if (snapshot === null) {
      const { model, settings } = this.#given as Given;
      await vrrp.stop("keep");
      return this.#begin(this.#newProcess(model, settings), model, lastAdvertsOf(resumed, model), tracked);
    }
    const done = vrrp.takeOver(snapshot, tracked);
    this.#started(vrrp);
    await done;
  }

  async #handOver(id: number): Promise<void> {
    const vrrp = this.#running();
    const snapshot = vrrp.handOver();
    void this.#lock?.release();
    this.#send({ kind: "handed_over", id, snapshot, atMs: native().bootTime() });
    await vrrp.stop("keep");
    leaveSupervisor();
  }

  #started(vrrp: VrrpProcess): void {
    this.#tellMasters(vrrp);
    this.#send({ kind: "started" });
  }

  /** `prepare` is for what takes time, while another one still acts. */
  async #acquireLock(prepare?: () => Promise<void>): Promise<void> {
    this.#lock = await acquireWriterLock({
      table: "vrrp",
      wants: this.#given?.settings.runDir ?? "",
      ...(prepare === undefined ? {} : { prepare }),
      onWait: (holder) => {
        const who = holder === null ? "another lbctl" : `process ${holder.pid}`;
        this.#send({ kind: "log", severity: "notice", message: `waiting for ${who} to let go of the addresses` });
      },
      signal: this.#stopped.signal,
    });
  }

  #tellMasters(vrrp: VrrpProcess): void {
    const masters = vrrp.masters();
    clearInterval(this.#alive);
    if (masters.length > 0) this.#alive = setInterval(() => this.#send({ kind: "alive" }), aliveEveryMs);
    this.#send({ kind: "masters", masters, leaving: vrrp.leaving() });
  }

  #count(id: number): void {
    const vrrp = this.#running();
    vrrp.show("moved");
    this.#send({ kind: "counted", id, worstLateMs: vrrp.takeWorstLateMs() });
  }

  #running(): VrrpProcess {
    if (this.#vrrp === null) throw new Error("VRRP has not been started");
    return this.#vrrp;
  }

  #failed(message: ToVrrp, error: unknown): void {
    if ((message.kind === "start" || message.kind === "take") && this.#stopped.signal.aborted) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#send({ kind: "log", severity: "error", message: text });
    const id = "id" in message ? message.id : null;
    this.#send({ kind: "failed", id, message: error instanceof Error ? error.message : text });
    if (["start", "take", "hand_over", "stop"].includes(message.kind)) leaveSupervisor();
  }
}
