import { hash } from "node:crypto";
import { constants } from "node:os";
import { type CheckChange, CheckRunner, type CheckState, createProbeEngine } from "@lbctl/checkers";
import { native } from "ipvs-netlink";
import type { Model } from "../../config/model.ts";
import { patched } from "../../config/model-patch.ts";
import { describeEvent } from "../../director/describe-event.ts";
import { Director } from "../../director/director.ts";
import type { DirectorEvent } from "../../director/events.ts";
import { fileRecords } from "../../director/file-records.ts";
import type { PassReport } from "../../director/outcome.ts";
import { systemClock as clock } from "../../director/system-clock.ts";
import type { ViewChange as DirectorViewChange } from "../../director/view.ts";
import { acquireWriterLock, type WriterLock } from "../../director/writer-lock.ts";
import type { Severity } from "../../log/record.ts";
import { PacketMarker } from "../../marking/packet-marker.ts";
import { nftProgram } from "../../nft/nft-program.ts";
import { LvsNotifier } from "../../notify/lvs-notifier.ts";
import type { Notification } from "../../notify/notification.ts";
import { ScriptClient } from "../../notify/script-client.ts";
import { worthTelling } from "../../notify/worth-telling.ts";
import { leaveSupervisor } from "../children/hear-supervisor.ts";
import { OwnProcess } from "../children/process-settings.ts";
import { noModel } from "../no-model.ts";
import { runDir } from "../program/run-dir.ts";
import { CheckCounter } from "./check-counts.ts";
import { checkEntries } from "./check-entries.ts";
import { scriptRunner } from "./checked-scripts.ts";
import { eventFields, eventSeverity } from "./event-log.ts";
import { failureLog } from "./failure-log.ts";
import type { ApplyReport, FromChecker, ToChecker } from "./messages.ts";
import { DataPlaneUnavailable, openDataPlane } from "./open-data-plane.ts";
import { summarize } from "./operation-summary.ts";
import { ShownChecks } from "./shown-checks.ts";
import { Suspension } from "./suspension.ts";
import { TrackedChecks } from "./tracked-checks.ts";

const { SIGKILL } = constants.signals;

/** `onTaken`: when the channel has taken it, or cannot any more. */
export type SendToSupervisor = (message: FromChecker, onTaken?: () => void) => void;

/** What runs in the checker process: the check runner feeds the director, the supervisor is told. */
export class CheckerProcess {
  /** Has scripts run by the scripts process. */
  readonly scripts = new ScriptClient((request) => this.#send({ kind: "run_script", request }));
  readonly #send: SendToSupervisor;
  /** The last that was sent: what the next patch is one of. */
  #model: Model = noModel;
  readonly #process = new OwnProcess("checker", (severity, message) => this.#log({ severity, message }));
  #director: Director | null = null;
  #runner: CheckRunner | null = null;
  /** Requests are carried out one after the other. */
  #queue: Promise<void> = Promise.resolve();
  /** Ends the wait for a table that somebody else holds. */
  readonly #stopped = new AbortController();
  /** Settled when the start has got as far as a director that knows what is ours, or has failed. */
  readonly #begun = Promise.withResolvers<void>();
  /** What a predecessor left, once it does not write any more. */
  readonly #left = Promise.withResolvers<Extract<ToChecker, { kind: "take" }>>();
  #lock: WriterLock | null = null;
  readonly #notifier = new LvsNotifier();
  /** Of the kernel's IPVS only. */
  #marker: PacketMarker | null = null;
  readonly #tracked = new TrackedChecks();
  readonly #counter = new CheckCounter();
  readonly #shown = new ShownChecks(clock.setTimer, (change, onTaken) => {
    this.#send({ kind: "view", change }, onTaken);
    this.#send({ kind: "counted", counted: this.#counter.take(this.#runner?.readLateness() ?? null) });
  });
  readonly #suspension = new Suspension({ onChange: (change) => this.#suspended(change) });

  constructor(send: SendToSupervisor) {
    this.#send = send;
  }

  /** Resolves when the message was acted on; failures are answered, never thrown. */
  receive(message: ToChecker): Promise<void> {
    const fail = (error: unknown): void => this.#failed(message, error);
    if (message.kind === "script_finished") {
      this.scripts.finished(message.result);
      return Promise.resolve();
    }
    if (message.kind === "tracked") {
      const changes = this.#tracked.told(message.values, clock.now());
      if (this.#director !== null) this.#onChanges(this.#director, changes);
      return Promise.resolve();
    }
    if (message.kind === "take") {
      this.#left.resolve(message);
      return Promise.resolve();
    }
    if (message.kind === "hand_over") return this.#handOver(message.id).catch(fail);
    // Not behind the writing of a long start or reload: the director ends what is under way.
    if (message.kind === "stop") return this.#stop(message).catch(fail);
    this.#queue = this.#queue.then(() => this.#act(message)).catch(fail);
    return this.#queue;
  }

  async #act(
    message: Exclude<ToChecker, { kind: "take" | "hand_over" | "stop" | "script_finished" | "tracked" }>,
  ): Promise<void> {
    switch (message.kind) {
      case "start": {
        this.#model = message.model;
        const report = await this.#start(message).finally(() => this.#begun.resolve());
        return this.#send({ kind: "started", generation: message.generation, report });
      }
      case "configure": {
        const { id, generation } = message;
        const model = patched(this.#model, message.patch);
        this.#model = model;
        this.#process.apply(model.globalDefs.process);
        const director = this.#running();
        const { tracked } = checkEntries(model, director.checks);
        // What is known of files counts from the first decision on.
        this.#onChanges(director, this.#tracked.configure(tracked, clock.now()));
        const configured = director.configure(model);
        // Decided by now, if not yet written: probing does not wait for a large table.
        this.#suspension.configure(model);
        this.#probe(director.checks);
        const report = await configured;
        await this.#marker?.configure(model);
        return this.#send({ kind: "configured", id, generation, report: applyReport(report) });
      }
      case "plan":
        return this.#send({
          kind: "planned",
          id: message.id,
          operations: summarize(await this.#running().plan(patched(this.#model, message.patch))),
        });
      case "override":
        await this.#director?.overridesChanged(new Map(message.overrides));
        return this.#send({ kind: "overridden", id: message.id });
      case "check_now":
        this.#runner?.runNow(message.keys);
        return;
      case "masters":
        this.#director?.mastersChanged(message.names);
        return;
      case "reconcile":
        await this.#director?.reconcile();
        return;
    }
  }

  async #end(ipvs: "keep" | "remove"): Promise<void> {
    this.#stopped.abort();
    await this.#begun.promise;
    // Before there is nobody to ask for what is told with it.
    this.#shown.end();
    this.#runner?.stop();
    this.#suspension.close();
    await this.#marker?.stop(ipvs);
    await this.#director?.stop(ipvs);
  }

  async #handOver(id: number): Promise<void> {
    await this.#end("keep");
    const checks = [...(this.#director?.checks ?? [])];
    void this.#lock?.release();
    this.#send({ kind: "handed_over", id, estate: { checks, told: this.#notifier.memory } });
    leaveSupervisor();
  }

  async #stop({ id, ipvs }: Extract<ToChecker, { kind: "stop" }>): Promise<void> {
    await this.#end(ipvs);
    if (ipvs === "remove") this.#tellScripts(this.#notifier.stopped());
    this.#send({ kind: "stopped", id });
    leaveSupervisor();
  }

  async #start(message: Extract<ToChecker, { kind: "start" }>): Promise<ApplyReport> {
    const { model, settings } = message;
    // The table of IPVS outlives every process: a checker that hangs must not wake up as a second writer beside a successor.
    this.#process.apply(model.globalDefs.process);
    if (settings.dataPlane === "ipvs") native().setParentDeathSignal(SIGKILL);
    const dir = runDir(settings.runDir);
    const { dataPlane, identity } = await openDataPlane(
      settings.dataPlane,
      dir,
      model.globalDefs.process.buffers.command,
      settings.ipvsNetns,
    );
    if (message.standsBy) this.#send({ kind: "standing_by" });
    const left = message.standsBy ? await this.#left.promise : null;
    const { overrides, tracked } = left ?? message;
    this.#lock = await acquireWriterLock({
      table:
        settings.dataPlane === "ipvs"
          ? settings.ipvsNetns === null
            ? "ipvs"
            : `ipvs ${identity()}`
          : `userspace-${hash("sha256", dir.path).slice(0, 16)}`,
      onWait: (holder) => {
        const who = holder === null ? "another lbctl" : `process ${holder.pid}`;
        this.#log({ severity: "notice", message: `waiting for ${who} to let go of the table` });
      },
      signal: this.#stopped.signal,
    });
    const director = new Director({
      dataPlane,
      records: fileRecords(dir.path, identity),
      overrides: new Map(overrides),
      clock,
      onEvents: (events) => this.#tell(events),
      onView: (change) => {
        this.#send({ kind: "view", change: { director: change } });
        this.#notify(change, director);
      },
    });
    this.#director = director;
    this.#notifier.inherit(left?.estate?.told ?? []);
    // What the predecessor said itself is newer than what it had written.
    const inherited = new Map([...(await director.inherit(model)), ...(left?.estate?.checks ?? [])]);
    // What came since the message was sent is newer.
    this.#tracked.toldBefore(tracked);
    const told = this.#tracked.configure(checkEntries(model, inherited).tracked, clock.now());
    const seeds = new Map([...inherited, ...told.map(({ key, state }) => [key, state] as const)]);
    const started = director.start(model, seeds);
    this.#begun.resolve();
    this.#runner = new CheckRunner({
      createEngine: (onResults, onPasses) =>
        createProbeEngine(onResults, { onPasses, runScript: scriptRunner(this.scripts) }),
      now: clock.now,
      random: Math.random,
      onChanges: (changes) => this.#onChanges(director, changes),
      onPasses: (passes) => {
        this.#counter.addPasses(passes);
        this.#shown.passed(passes);
      },
    });
    this.#suspension.configure(model);
    this.#probe(seeds);
    this.#show(told);
    const report = await started;
    if (settings.dataPlane === "ipvs") {
      const onLog = (severity: Severity, message: string) => this.#log({ severity, message });
      const wrapper = settings.ipvsNetns === null ? [] : ["nsenter", `--net=${settings.ipvsNetns}`];
      this.#marker = new PacketMarker({ nft: nftProgram(wrapper), setTimer: clock.setTimer, onLog });
      await this.#marker.configure(model);
    }
    // What a predecessor said last may not be so any more.
    const { refusals, unavailable } = director.view();
    this.#send({ kind: "view", change: { director: { refusals, unavailable } } });
    return applyReport(report);
  }

  /** Probes what is configured and not suspended; what was known when a check was suspended it begins with. */
  #probe(seeds: ReadonlyMap<string, CheckState>): void {
    this.#runner?.configure(checkEntries(this.#model, seeds, (name) => !this.#suspension.has(name)).probed);
  }

  #suspended({
    suspended,
    resumed,
  }: {
    readonly suspended: readonly string[];
    readonly resumed: readonly string[];
  }): void {
    for (const name of suspended) {
      const message = `virtual_server ${name}: checks are suspended, none of its addresses is on this host (ha_suspend)`;
      this.#log({ severity: "notice", message });
    }
    for (const name of resumed)
      this.#log({ severity: "notice", message: `virtual_server ${name}: checks are resumed` });
    if (this.#director !== null) this.#probe(this.#director.checks);
  }

  #running(): Director {
    if (this.#director === null) throw new Error("the director has not been started");
    return this.#director;
  }

  #notify({ virtualServers = [], removed = [] }: DirectorViewChange, director: Director): void {
    const settings = this.#model.globalDefs.notify;
    const notifications = this.#notifier.decided(virtualServers, removed, (name) => director.virtualServer(name), {
      fifo: settings.fifos.some(({ events }) => events !== "vrrp"),
      realServersAtStart: settings.realServersAtStart,
      inheritedQuorum: director.inheritedQuorum,
    });
    this.#tellScripts(notifications);
  }

  #tellScripts(all: readonly Notification[]): void {
    const settings = this.#model.globalDefs.notify;
    const notifications = all.flatMap((each) => worthTelling(each, settings) ?? []);
    if (notifications.length > 0) this.#send({ kind: "notify", notifications });
  }

  #onChanges(director: Director, changes: readonly CheckChange[]): void {
    for (const change of changes) {
      const record = failureLog(change);
      if (record !== null) this.#log(record);
    }
    this.#counter.add(changes);
    director.healthChanged(changes);
    this.#show(changes);
  }

  #show(changes: readonly CheckChange[]): void {
    this.#shown.add(changes);
  }

  #tell(events: readonly DirectorEvent[]): void {
    for (const event of events) {
      this.#log({ severity: eventSeverity(event), message: describeEvent(event), fields: eventFields(event) });
    }
  }

  #log({
    severity,
    message,
    fields = {},
  }: Omit<Extract<FromChecker, { kind: "log" }>, "kind" | "fields"> & {
    readonly fields?: Record<string, string | number | boolean>;
  }): void {
    this.#send({ kind: "log", severity, message, fields });
  }

  #failed(message: ToChecker, error: unknown): void {
    // A start that waited for the lock when the order to stop came: the stop is next in the queue.
    if (message.kind === "start" && this.#stopped.signal.aborted) return;
    const id = "id" in message ? message.id : null;
    const hint =
      error instanceof DataPlaneUnavailable ? error.hint : "This is a fault of lbctl: the stack is in the log.";
    const text = error instanceof Error ? error.message : String(error);
    if (!(error instanceof DataPlaneUnavailable)) {
      this.#log({ severity: "error", message: error instanceof Error ? (error.stack ?? text) : text });
    }
    this.#send({ kind: "failed", id, message: text, hint });
    // Without a start there is nothing to go on with: the supervisor tries again with a new process.
    if (["start", "hand_over", "stop"].includes(message.kind)) leaveSupervisor();
  }
}

function applyReport({ operations, refused, unavailable }: PassReport): ApplyReport {
  return { operations, refused: refused.map(({ object, message }) => ({ object, cause: message })), unavailable };
}
