import type { Clock } from "./clock.ts";
import type { DirectorEvent } from "./events.ts";
import type { HealthSnapshot } from "./health-snapshot.ts";
import type { RecordStore } from "./records.ts";

const settleMs = 500;

// Writing takes at most this share of the time, whatever the size of the snapshot and the speed of the disk.
const maxShare = 0.05;

/** Writes the health snapshot soon after a change, but not for every change. */
export class SnapshotWriter {
  readonly #store: RecordStore<HealthSnapshot>;
  readonly #snapshot: () => HealthSnapshot;
  readonly #clock: Clock;
  readonly #onEvent: (event: DirectorEvent) => void;
  #cancel: (() => void) | null = null;
  #notBeforeMonotonicMs = 0;
  #failing = false;

  constructor(
    store: RecordStore<HealthSnapshot>,
    snapshot: () => HealthSnapshot,
    clock: Clock,
    onEvent: (event: DirectorEvent) => void,
  ) {
    this.#store = store;
    this.#snapshot = snapshot;
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  changed(): void {
    if (this.#cancel !== null) return;
    const delayMs = Math.max(settleMs, this.#notBeforeMonotonicMs - this.#clock.now().monotonicMs);
    this.#cancel = this.#clock.setTimer(() => {
      this.#cancel = null;
      void this.write();
    }, delayMs);
  }

  /** Writes now what is still to be written, if anything is. */
  async writePending(): Promise<void> {
    if (this.#cancel === null) return;
    this.stop();
    await this.write();
  }

  /** Writes now. Reports a failure once, until a write succeeds. */
  async write(): Promise<void> {
    const startedMs = this.#clock.now().monotonicMs;
    try {
      await this.#store.save(this.#snapshot());
      this.#failing = false;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!this.#failing) this.#onEvent({ type: "record_failed", call: "write", file: this.#store.path, message });
      this.#failing = true;
    }
    const endedMs = this.#clock.now().monotonicMs;
    this.#notBeforeMonotonicMs = endedMs + (endedMs - startedMs) / maxShare;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
