import { mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { writeFileAtomic } from "../../files/atomic-write.ts";
import type { Logger } from "../../log/logger.ts";

/**
 * Keeps the configuration file and the state around each reload in config_save_dir, by process and number as keepalived: to find
 * out what a reload has done. Nothing is ever removed. Failures are logged.
 */
export class SavedReloads {
  readonly #configFile: string;
  readonly #log: Logger;
  #reloads = 0;

  constructor(configFile: string, log: Logger) {
    this.#configFile = configFile;
    this.#log = log;
  }

  /** The configuration that counts from the start. */
  async started(directory: string | null): Promise<void> {
    await this.#saveConfig(directory);
  }

  async before(directory: string | null, state: () => Promise<object>): Promise<void> {
    this.#reloads += 1;
    await this.#saveConfig(directory);
    await this.#saveState(directory, "pre", state);
  }

  async after(directory: string | null, state: () => Promise<object>): Promise<void> {
    await this.#saveState(directory, "post", state);
  }

  #saveConfig(directory: string | null): Promise<void> {
    // The file as it is read now; those that it includes are not part of it.
    return this.#save(directory, basename(this.#configFile), () => readFile(this.#configFile));
  }

  #saveState(directory: string | null, when: "pre" | "post", state: () => Promise<object>): Promise<void> {
    return this.#save(directory, "lbctl", async () => `${JSON.stringify(await state(), null, 2)}\n`, when);
  }

  async #save(
    directory: string | null,
    name: string,
    content: () => Promise<string | Uint8Array>,
    when?: "pre" | "post",
  ): Promise<void> {
    if (directory === null) return;
    try {
      await mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
      const parts = [name, process.pid, this.#reloads, ...(when === undefined ? [] : [when])];
      await writeFileAtomic(join(directory, parts.join(".")), await content());
    } catch (error) {
      this.#log.warning(`config_save_dir ${directory}: ${(error as Error).message}`);
    }
  }
}
