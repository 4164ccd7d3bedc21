import type { ProgramModel } from "../config/program-model.ts";
import { setProcessName } from "./process-title.ts";

export interface ProgramOptions {
  /** Counts more than that of the configuration; null: none was given. */
  readonly umask: number | null;
}

/** What global_defs says of the supervisor's own process. */
export class Program {
  readonly #options: ProgramOptions;

  constructor(model: ProgramModel, options: ProgramOptions) {
    this.#options = options;
    this.configure(model);
  }

  /** Another configuration. Processes that run keep their umask until they are started again. */
  configure({ name, umask }: ProgramModel): void {
    setProcessName(name);
    process.umask(this.#options.umask ?? umask);
  }
}
