import { ControlError } from "../../control/api.ts";
import type { EventLog } from "../../control/event-log.ts";
import type { Counted } from "../../web/told.ts";
import { addCounts, type CheckCounts, nothingCounted } from "../checkers/check-counts.ts";

/** What is counted for metrics and nothing else. */
export class WebCounts {
  readonly #events: EventLog;
  #checks = nothingCounted;
  #reloads: Counted["reloads"];

  constructor(events: EventLog, nowEpochMs: number) {
    this.#events = events;
    this.#reloads = { applied: 0, refused: 0, failed: 0, appliedEpochMs: nowEpochMs, lastWasApplied: true };
  }

  checked(counts: CheckCounts): void {
    this.#checks = addCounts(this.#checks, counts);
  }

  /** Counts how a reload ends: "refused" left everything as it was, "failed" was accepted and not carried out. */
  async reload<T>(carryOut: () => Promise<T>): Promise<T> {
    try {
      const result = await carryOut();
      this.#reloaded("applied", Date.now());
      return result;
    } catch (error) {
      const refused = error instanceof ControlError && error.code === "config-invalid";
      this.#reloaded(refused ? "refused" : "failed", Date.now());
      throw error;
    }
  }

  #reloaded(result: "applied" | "refused" | "failed", nowEpochMs: number): void {
    const before = this.#reloads;
    const applied = result === "applied";
    this.#reloads = {
      ...before,
      [result]: before[result] + 1,
      appliedEpochMs: applied ? nowEpochMs : before.appliedEpochMs,
      lastWasApplied: applied,
    };
  }

  /** What a predecessor has counted; its events are the log's to remember. */
  inherit({ checks, reloads }: Counted): void {
    this.#checks = addCounts(this.#checks, checks);
    this.#reloads = reloads;
  }

  get counted(): Counted {
    return { checks: this.#checks, reloads: this.#reloads, events: this.#events.counts };
  }
}
