import { resolve } from "node:path";
import type { ListenAddress } from "../../config/keywords/values/listen-address.ts";
import type { ProgramModel } from "../../config/program-model.ts";
import { type ConfigurationInForce, stateDump } from "../../control/dump-documents.ts";
import type { Logger } from "../../log/logger.ts";
import { setProcessName } from "../children/process-title.ts";
import { ReloadSchedule } from "../reload/reload-schedule.ts";
import { SavedReloads } from "../reload/saved-reloads.ts";
import { Dumps, type DumpsOptions } from "./dumps.ts";

export interface ProgramFlags {
  /** Counts more than that of the configuration; null: none was given. */
  readonly umask: number | null;
  /** The configuration is logged, now and after each reload (-d). */
  readonly dumpConf: boolean;
  /** Counts more than that of the configuration; null: none was given. */
  readonly metricsAddress: ListenAddress | null;
}

export interface ProgramOptions extends DumpsOptions {
  readonly configFile: string;
  readonly flags: ProgramFlags;
  readonly reload: () => void;
  readonly log: Logger;
}

/** What is about the program as such: its name and umask, dumps, reloads that come by themselves. */
export class Program {
  readonly dumps: Dumps;
  readonly #options: ProgramOptions;
  readonly #schedule: ReloadSchedule;
  readonly #saved: SavedReloads;
  #inForce: ConfigurationInForce;

  constructor(configuration: ConfigurationInForce, options: ProgramOptions) {
    this.#options = options;
    this.#inForce = configuration;
    this.dumps = new Dumps(configuration, options);
    this.#schedule = new ReloadSchedule(options.reload, options.log);
    this.#saved = new SavedReloads(options.configFile, options.log);
    this.#apply(configuration.program);
  }

  get inForce(): ConfigurationInForce {
    return this.#inForce;
  }

  get metricsAddress(): ListenAddress | null {
    return this.#options.flags.metricsAddress ?? this.#inForce.program.metricsAddress;
  }

  /** Where the mark of a reload is (reload_file); null: there is none. */
  get reloadMark(): string | null {
    const { markFile } = this.#inForce.program.reload;
    return markFile === null ? null : resolve(this.#options.runDir, markFile === "" ? "lbctl.reload" : markFile);
  }

  get checkLog(): string | null {
    const { checkLog } = this.#inForce.program.reload;
    return checkLog === null ? null : resolve(this.#options.runDir, checkLog);
  }

  async start(): Promise<void> {
    const { program } = this.#inForce;
    if (this.#options.flags.dumpConf) this.dumps.logConfiguration();
    this.#schedule.configure(program.reload);
    await this.#saved.started(program.reload.saveDirectory);
  }

  /** Carries a reload out with what has to be done before and after it. */
  async reload<T>(carryOut: () => Promise<T>): Promise<T> {
    await this.#saved.before(this.#saveDirectory, () => this.#state());
    try {
      return await carryOut();
    } finally {
      await this.#saved.after(this.#saveDirectory, () => this.#state());
    }
  }

  /** Another configuration is in force. Processes that run keep their umask until they are started again. */
  configure(configuration: ConfigurationInForce): void {
    this.#inForce = configuration;
    this.#apply(configuration.program);
    this.dumps.configure(configuration);
    if (this.#options.flags.dumpConf) this.dumps.logConfiguration();
    this.#schedule.configure(configuration.program.reload);
  }

  stop(): void {
    this.#schedule.close();
  }

  get #saveDirectory(): string | null {
    const { saveDirectory } = this.#inForce.program.reload;
    return saveDirectory === null ? null : resolve(this.#options.runDir, saveDirectory);
  }

  async #state(): Promise<object> {
    return stateDump(await this.#options.status(), this.#inForce, new Date().toISOString());
  }

  #apply({ name, umask }: ProgramModel): void {
    setProcessName(name);
    process.umask(this.#options.flags.umask ?? umask);
  }
}
