import type { NotifyFifo, NotifySettings } from "../config/notify-model.ts";
import type { Severity } from "../log/record.ts";
import { neverRestarted, type RestartState, restartDelay } from "../supervisor/children/restart-policy.ts";
import { Fifo, FifoProblem } from "./fifo.ts";
import { describeEnd } from "./script-request.ts";
import type { ScriptRunner } from "./script-runner.ts";

type Log = (severity: Severity, message: string) => void;

/** The FIFOs of a configuration, each perhaps with a script that reads it. */
export class Fifos {
  readonly #log: Log;
  #settings: NotifySettings;
  #runner: ScriptRunner;
  readonly #open = new Map<string, OpenFifo>();
  /** Opening takes programs: lines wait for it, and one configuration for the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(settings: NotifySettings, runner: ScriptRunner, log: Log) {
    this.#log = log;
    this.#settings = settings;
    this.#runner = runner;
    this.configure(settings, runner);
  }

  /** FIFOs that are configured as before stay open, and their scripts run on. */
  configure(settings: NotifySettings, runner: ScriptRunner): void {
    this.#work = this.#work.then(async () => {
      this.#settings = settings;
      this.#runner = runner;
      const wanted = new Map(settings.fifos.map((each) => [JSON.stringify(each), each]));
      for (const [key, fifo] of this.#open) {
        if (wanted.has(key)) continue;
        this.#open.delete(key);
        await fifo.close();
      }
      for (const [key, each] of wanted) if (!this.#open.has(key)) await this.#add(key, each);
    });
  }

  write(events: "vrrp" | "lvs", line: string): void {
    this.#work = this.#work.then(() => {
      for (const fifo of this.#open.values()) if (fifo.takes(events)) fifo.write(line);
    });
    this.#work = this.#work.catch((error: unknown) =>
      this.#log("error", `a FIFO cannot be written to: ${String(error)}`),
    );
  }

  /** Resolves when every line is written, the scripts are told to end, and FIFOs made here are gone. */
  close(): Promise<void> {
    this.#work = this.#work.then(async () => {
      await Promise.all([...this.#open.values()].map((fifo) => fifo.close()));
      this.#open.clear();
    });
    return this.#work;
  }

  async #add(key: string, settings: NotifyFifo): Promise<void> {
    try {
      const owner = await this.#runner.accountOf(settings.owner ?? this.#settings.scriptUser);
      const fifo = await Fifo.open(settings.path, owner.credentials);
      this.#open.set(key, new OpenFifo(settings, fifo, this.#runner, this.#log));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log("error", `nothing is written to the FIFO of ${settings.path}: ${message}`);
      if (!(error instanceof FifoProblem) && error instanceof Error) this.#log("debug", error.stack ?? "");
    }
  }
}

class OpenFifo {
  readonly #settings: NotifyFifo;
  readonly #fifo: Fifo;
  readonly #runner: ScriptRunner;
  readonly #log: Log;
  readonly #ending = new AbortController();
  #reading: Promise<unknown> = Promise.resolve();
  #restart: RestartState = neverRestarted;
  #timer: NodeJS.Timeout | null = null;

  constructor(settings: NotifyFifo, fifo: Fifo, runner: ScriptRunner, log: Log) {
    this.#settings = settings;
    this.#fifo = fifo;
    this.#runner = runner;
    this.#log = log;
    this.#startScript();
  }

  takes(events: "vrrp" | "lvs"): boolean {
    return this.#settings.events === "all" || this.#settings.events === events;
  }

  write(line: string): void {
    const before = this.#fifo.lost;
    const lost = this.#fifo.write(line);
    if (lost === null && before === 0) {
      this.#log(
        "warning",
        `nobody reads ${this.#fifo.path}: it is full, and what happens from now on is not written to it`,
      );
    } else if (lost !== null && lost > 0) {
      this.#log("warning", `${this.#fifo.path} is read again: ${lost} lines were lost`);
    }
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#ending.abort();
    await this.#reading;
    this.#fifo.close();
  }

  #startScript(): void {
    const { script, path } = this.#settings;
    if (script === null) return;
    const startedMs = performance.now();
    const options = { moreArguments: [path], timeoutMs: null, signal: this.#ending.signal };
    this.#reading = this.#runner.run(script, options).then(({ end, output }) => {
      if (this.#ending.signal.aborted) return;
      const { state, delayMs } = restartDelay(this.#restart, performance.now() - startedMs);
      this.#restart = state;
      this.#log(
        "warning",
        `the reader of ${path}, ${script.command}, ${describeEnd(end)}; it is started again in ${delayMs} ms${output === "" ? "" : `: ${output.trim()}`}`,
      );
      this.#timer = setTimeout(() => this.#startScript(), delayMs);
    });
  }
}
