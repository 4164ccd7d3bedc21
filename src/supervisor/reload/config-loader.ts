import { unlinkSync, writeFileSync } from "node:fs";
import type { Diagnostic } from "../../config/diagnostics.ts";
import { formatDiagnostic } from "../../config/format-diagnostic.ts";
import { type LoadOptions, loadConfig } from "../../config/load.ts";
import type { ConfigResult } from "../../config/parse-config.ts";
import { ControlError } from "../../control/api.ts";
import type { StatusDocument } from "../../control/status-document.ts";
import type { Logger } from "../../log/logger.ts";

export type LoadedConfig = Extract<ConfigResult, { readonly ok: true }>;

/** What a reload leaves for who changes configurations. */
export interface ReloadSurroundings {
  /** Exists while the configuration is read (reload_file); null: nothing does. */
  readonly reloadMark: string | null;
  /** What is wrong with a refused configuration is written here (reload_check_config); null: nowhere but in the log. */
  readonly checkLog: string | null;
}

/** Reads the configuration of a running director again, and remembers what was wrong with the last one. */
export class ConfigLoader {
  readonly #options: LoadOptions;
  readonly #log: Logger;
  #refused: StatusDocument["daemon"]["reload_refused"] = null;

  constructor(options: LoadOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  /** The last reload that was refused since a configuration was accepted. */
  get refused(): StatusDocument["daemon"]["reload_refused"] {
    return this.#refused;
  }

  accepted(): void {
    this.#refused = null;
  }

  /** @throws ControlError `config-invalid` */
  async load(file: string): Promise<LoadedConfig> {
    const loaded = await loadConfig(file, this.#options);
    if (loaded.ok) return loaded;
    const errors = loaded.diagnostics.filter(({ severity }) => severity === "error");
    const first = errors[0];
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    const place = first === undefined || first.line === 0 ? file : `${first.file}:${first.line}:${first.column}`;
    throw new ControlError(
      "config-invalid",
      `${place}: ${first?.message ?? "invalid configuration"}${more}`,
      `Nothing was changed. Correct the file; "lbctl validate -f ${file}" shows every error.`,
      loaded.diagnostics,
    );
  }

  /** The same for a reload: what is wrong is logged, and `inForce` goes on. @throws ControlError */
  async loadOrRefuse(file: string, inForce: number, around: ReloadSurroundings): Promise<LoadedConfig> {
    try {
      const loaded = await this.#marked(around.reloadMark, () => this.load(file));
      for (const warning of loaded.warnings) this.#log.warning(formatDiagnostic(warning));
      return loaded;
    } catch (error) {
      const diagnostics = error instanceof ControlError ? (error.diagnostics ?? []) : [];
      for (const diagnostic of diagnostics) this.#log.error(formatDiagnostic(diagnostic));
      if (around.checkLog !== null) this.#writeCheckLog(around.checkLog, diagnostics);
      const reason = (error as Error).message;
      this.#refused = { at: new Date().toISOString(), reason };
      this.#log.error(`reload refused, configuration ${inForce} stays in force: ${reason}`, {
        event: "reload_refused",
        generation: inForce,
      });
      throw error;
    }
  }

  /** With a file that is there, and empty, as long as the configuration is read. */
  async #marked<T>(mark: string | null, read: () => Promise<T>): Promise<T> {
    if (mark === null) return read();
    const attempt = (what: () => void): void => {
      try {
        what();
      } catch (error) {
        this.#log.warning(`reload_file: ${(error as Error).message}`);
      }
    };
    attempt(() => writeFileSync(mark, ""));
    return read().finally(() => attempt(() => unlinkSync(mark)));
  }

  #writeCheckLog(path: string, diagnostics: readonly Diagnostic[]): void {
    try {
      writeFileSync(path, diagnostics.map((each) => `${formatDiagnostic(each)}\n`).join(""));
    } catch (error) {
      this.#log.warning(`reload_check_config: ${(error as Error).message}`);
    }
  }
}
