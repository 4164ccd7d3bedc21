import type { LogRecord, Severity } from "../log/record.ts";

/** One state change, as `GET /v1/events` and `lbctl events --json` print it. */
export interface EventEntry {
  /** Counts the events of this daemon from 1, without gaps. */
  readonly seq: number;
  /** RFC 3339. */
  readonly at: string;
  /** "real_server_changed", "vrrp_state_changed", ... */
  readonly event: string;
  readonly severity: Severity;
  /** Which process speaks. */
  readonly role: string;
  /** A sentence. */
  readonly message: string;
  /** More of it for machines: virtual_server, real_server, from, to, ... */
  readonly [field: string]: string | number | boolean;
}

export interface EventMemory {
  readonly entries: readonly EventEntry[];
  /** By kind. */
  readonly counts: Readonly<Record<string, number>>;
}

/** The last events, bounded: who reads too slowly misses some, and nobody waits for a reader. */
export class EventLog {
  readonly #capacity: number;
  readonly #entries: EventEntry[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #counts = new Map<string, number>();
  #next = 1;

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  /** Sequence number of the next event. */
  get next(): number {
    return this.#next;
  }

  /** How many there were of each kind; there are few kinds. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** For a successor: plain data. */
  get memory(): EventMemory {
    return { entries: this.#entriesFrom(Math.max(1, this.#next - this.#capacity)), counts: this.counts };
  }

  /** What a predecessor has told, before what there is. */
  inherit({ entries, counts }: EventMemory): void {
    const own = this.#entriesFrom(1);
    this.#next = (entries[0]?.seq ?? 1) + entries.length;
    for (const entry of entries) this.#entries[entry.seq % this.#capacity] = entry;
    for (const entry of own) {
      const seq = this.#next++;
      this.#entries[seq % this.#capacity] = { ...entry, seq };
    }
    for (const [kind, count] of Object.entries(counts)) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }

  #entriesFrom(first: number): EventEntry[] {
    const numbers = Array.from({ length: this.#next - first }, (_, index) => first + index);
    return numbers.flatMap((seq) => this.at(seq) ?? []);
  }

  append({ fields, severity, role, message, epochMs }: LogRecord): void {
    const seq = this.#next++;
    const at = new Date(epochMs).toISOString();
    const entry: EventEntry = { seq, at, event: "", ...fields, severity, role, message };
    this.#entries[seq % this.#capacity] = entry;
    this.#counts.set(entry.event, (this.#counts.get(entry.event) ?? 0) + 1);
    for (const listener of this.#listeners) listener();
  }

  /** The event with this number, or the oldest that is left if it is gone; null if it has not happened yet. */
  at(seq: number): EventEntry | null {
    if (seq >= this.#next) return null;
    const oldest = Math.max(1, this.#next - this.#capacity);
    return this.#entries[Math.max(seq, oldest) % this.#capacity] ?? null;
  }

  /** Calls back after each event until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
