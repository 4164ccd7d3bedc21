import type { ServiceEntry } from "ipvs-netlink";
import type { DataPlane } from "../../director/data-plane.ts";
import type { Logger } from "../../log/logger.ts";

/** Counters older than this are read again: several watchers of a large table share one dump. */
const freshMs = 500;

/** Reads the table for status. Never fails: without an answer the counters are missing, everything else is shown. */
export class CounterReader {
  readonly #dataPlane: DataPlane;
  readonly #log: Logger;
  #reading: Promise<readonly ServiceEntry[]> | null = null;

  constructor(dataPlane: DataPlane, log: Logger) {
    this.#dataPlane = dataPlane;
    this.#log = log;
  }

  read(): Promise<readonly ServiceEntry[]> {
    this.#reading ??= this.#dump();
    return this.#reading;
  }

  async #dump(): Promise<readonly ServiceEntry[]> {
    try {
      return await this.#dataPlane.dump();
    } catch (error) {
      this.#log.warning(`status without counters: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    } finally {
      setTimeout(() => {
        this.#reading = null;
      }, freshMs).unref();
    }
  }
}
