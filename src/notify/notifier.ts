import type { NotifySettings } from "../config/notify-model.ts";
import type { Severity } from "../log/record.ts";
import { Fifos } from "./fifos.ts";
import { Mailer } from "./mailer.ts";
import type { Notification, ScriptRun } from "./notification.ts";
import { type Job, ScriptQueue } from "./script-queue.ts";
import { describeEnd, succeeded } from "./script-request.ts";
import type { ScriptRunner } from "./script-runner.ts";

/** Scripts of notifications, of all targets together. */
const scriptsAtOnce = 64;
/** What may wait for them; more is not told. */
const mostWaiting = 10_000;

type Log = (severity: Severity, message: string) => void;

/** Tells of what happened: writes to FIFOs, runs scripts, mails. */
export class Notifier {
  readonly #log: Log;
  readonly #queue = new ScriptQueue<ScriptRun>(scriptsAtOnce);
  readonly #fifos: Fifos;
  readonly #mailer: Mailer;
  #settings: NotifySettings;
  #runner: ScriptRunner;
  #dropped = 0;
  /** Scripts that are not a process yet. */
  #beginning = 0;
  #onAllBegun: (() => void) | null = null;

  constructor(settings: NotifySettings, runner: ScriptRunner, log: Log) {
    this.#settings = settings;
    this.#runner = runner;
    this.#log = log;
    this.#fifos = new Fifos(settings, runner, log);
    this.#mailer = new Mailer(settings.mail, log);
  }

  configure(settings: NotifySettings, runner: ScriptRunner): void {
    this.#settings = settings;
    this.#runner = runner;
    this.#fifos.configure(settings, runner);
    this.#mailer.configure(settings.mail);
  }

  tell({ target, scripts, fifo, mail }: Notification): void {
    if (fifo !== null) this.#fifos.write(fifo.events, fifo.line);
    if (mail !== null) this.#mailer.add(mail);
    for (const work of scripts) this.#add({ target, work });
  }

  /**
   * Starts what waits, each behind its predecessors, for so long; then the last of each target anyhow, since a script may
   * itself be waiting for us to end. Those that run are left alone.
   */
  async close(graceMs: number): Promise<void> {
    await Promise.all([this.#startAll(graceMs), this.#mailer.close(graceMs)]);
    await this.#fifos.close();
  }

  async #startAll(graceMs: number): Promise<void> {
    await this.#allBegun(graceMs);
    const waiting = this.#queue.length;
    if (waiting === 0) return;
    this.#log("error", `${waiting} scripts still waited for others at the end: of each target the last one is started`);
    for (const { work } of this.#queue.drain()) void this.#run(work);
    await this.#allBegun(graceMs);
  }

  /** Resolves when no script waits or is on its way to a process of its own, at the latest after `graceMs`. */
  #allBegun(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        clearTimeout(timer);
        this.#onAllBegun = null;
        resolve();
      };
      const timer = setTimeout(over, graceMs);
      this.#onAllBegun = over;
      this.#begun();
    });
  }

  #begun(): void {
    if (this.#queue.length === 0 && this.#beginning === 0) this.#onAllBegun?.();
  }

  #add(job: Job<ScriptRun>): void {
    if (this.#queue.length >= mostWaiting) {
      if (this.#dropped++ === 0) {
        this.#log("error", `${mostWaiting} scripts wait already: ${job.work.script.command} and more are not run`);
      }
      return;
    }
    if (this.#dropped > 0) this.#log("error", `scripts are taken again: ${this.#dropped} were not run`);
    this.#dropped = 0;
    this.#start(this.#queue.add(job));
  }

  #start(job: Job<ScriptRun> | null): void {
    if (job !== null) void this.#run(job.work).then(() => this.#start(this.#queue.finished(job.target)));
  }

  async #run({ script, moreArguments }: ScriptRun): Promise<void> {
    this.#beginning++;
    const finished = await this.#runner.run(script, {
      moreArguments,
      timeoutMs: this.#settings.scriptTimeoutMs,
      onBegun: () => {
        this.#beginning--;
        this.#begun();
      },
    });
    const line = [script.command, ...moreArguments].join(" ");
    const output = finished.output.trim();
    const said = output === "" ? "" : `: ${output.replaceAll("\n", " | ")}`;
    const took = finished.end.kind === "not_run" ? "" : ` after ${Math.round(finished.tookMs)} ms`;
    if (succeeded(finished)) this.#log("info", `script ${line} ended${took}${said}`);
    else this.#log("warning", `script ${line} ${describeEnd(finished.end)}${took}${said}`);
  }
}
