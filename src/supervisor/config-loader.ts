import { formatDiagnostic } from "../config/diagnostics.ts";
import { type LoadOptions, loadConfig } from "../config/load.ts";
import type { ConfigResult } from "../config/parse-config.ts";
import { ControlError } from "../control/api.ts";
import type { StatusDocument } from "../control/status-document.ts";
import type { Logger } from "../log/logger.ts";

export type LoadedConfig = Extract<ConfigResult, { readonly ok: true }>;

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
  async loadOrRefuse(file: string, inForce: number): Promise<LoadedConfig> {
    try {
      const loaded = await this.load(file);
      for (const warning of loaded.warnings) this.#log.warning(formatDiagnostic(warning));
      return loaded;
    } catch (error) {
      const diagnostics = error instanceof ControlError ? (error.diagnostics ?? []) : [];
      for (const diagnostic of diagnostics) this.#log.error(formatDiagnostic(diagnostic));
      const reason = (error as Error).message;
      this.#refused = { at: new Date().toISOString(), reason };
      this.#log.error(`reload refused, configuration ${inForce} stays in force: ${reason}`);
      throw error;
    }
  }
}
