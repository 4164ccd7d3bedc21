import { errnoName, type Native, type NativeExchanges } from "ipvs-netlink";
import { type Plan, planBase, planFields, planSlot, planTimeoutMs } from "./plan.ts";

/** What happened to an exchange. After all but `data` and `end` it is over. `elapsedMs` counts from its start. */
export type Happening =
  | { readonly kind: "connected"; readonly elapsedMs: number }
  /** `bytes` are valid until the handler returns. */
  | { readonly kind: "data"; readonly bytes: Uint8Array; readonly elapsedMs: number }
  | { readonly kind: "end"; readonly elapsedMs: number }
  | { readonly kind: "failed"; readonly errno: string; readonly call: string; readonly elapsedMs: number }
  /** `connected`: whether the connection stood. */
  | { readonly kind: "deadline"; readonly connected: boolean; readonly elapsedMs: number };

export interface ExchangeHandlers {
  /** Answers whether the exchange is over now. Must not start anything. */
  readonly happened: (slot: number, happening: Happening) => boolean;
  /** All that happened at one wake-up has been told. */
  readonly settled: () => void;
}

export interface ExchangeStart {
  readonly slot: number;
  readonly plan: Plan;
  readonly timeoutMs: number;
}

const resultFields = 5;
const rowsAtOnce = 512;
const arenaBytes = 512 * 1024;
const startsAtOnce = 256;
const memoryBytes = 64 * 1024;
const calls = ["socket", "setsockopt", "bind", "connect", "send", "read"];

/** The addon's exchanges: typed arrays in, typed arrays out, one call per batch and one callback per wake-up. */
export class Exchanges {
  readonly #native: Native;
  readonly #handlers: ExchangeHandlers;
  readonly #exchanges: NativeExchanges;
  readonly #results = new Int32Array(rowsAtOnce * resultFields);
  readonly #arena = new Uint8Array(arenaBytes);
  readonly #table = new Int32Array(startsAtOnce * planFields);
  #memory = new Uint8Array(memoryBytes);
  readonly #over = new Int32Array(rowsAtOnce);
  #harvest: NodeJS.Immediate | null = null;
  #closed = false;

  constructor(native: Native, handlers: ExchangeHandlers) {
    this.#native = native;
    this.#handlers = handlers;
    this.#exchanges = native.openExchanges(this.#results, this.#arena, (rows) => this.#onRows(rows));
  }

  start(batch: readonly ExchangeStart[]): void {
    let count = 0;
    let used = 0;
    for (const { slot, plan, timeoutMs } of batch) {
      if (count === startsAtOnce || used + plan.bytes.length > this.#memory.length) {
        this.#send(count);
        count = used = 0;
        if (plan.bytes.length > this.#memory.length) this.#memory = new Uint8Array(plan.bytes.length);
      }
      const at = count * planFields;
      this.#table.set(plan.row, at);
      this.#table[at + planSlot] = slot;
      this.#table[at + planTimeoutMs] = timeoutMs;
      this.#table[at + planBase] = used;
      this.#memory.set(plan.bytes, used);
      used += plan.bytes.length;
      count += 1;
    }
    this.#send(count);
  }

  /** Ends these at once; nothing more is told of them. */
  end(slots: readonly number[]): void {
    if (slots.length > 0) this.#native.endExchanges(this.#exchanges, Int32Array.from(slots), slots.length);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#harvest !== null) clearImmediate(this.#harvest);
    this.#native.closeExchanges(this.#exchanges);
  }

  #send(count: number): void {
    if (count === 0) return;
    const failed = this.#native.startExchanges(this.#exchanges, this.#table, this.#memory, count);
    if (failed < 0) throw new Error(`startExchanges: ${errnoName(-failed)}`);
    // What failed at once makes no descriptor ready.
    if (failed > 0) this.#harvestSoon();
  }

  #harvestSoon(): void {
    this.#harvest ??= setImmediate(() => {
      this.#harvest = null;
      const left = this.#native.harvestExchanges(this.#exchanges);
      if (left > 0 && !this.#closed) this.#harvestSoon();
    });
  }

  #onRows(rows: number): void {
    let over = 0;
    for (let row = 0; row < rows; row++) {
      const at = row * resultFields;
      const slot = this.#results[at] as number;
      if (this.#handlers.happened(slot, this.#happening(at))) this.#over[over++] = slot;
    }
    if (over > 0) this.#native.endExchanges(this.#exchanges, this.#over, over);
    this.#handlers.settled();
  }

  #happening(at: number): Happening {
    const results = this.#results;
    const [kind, value, detail] = [results[at + 1], results[at + 2] as number, results[at + 3] as number];
    const elapsedMs = (results[at + 4] as number) / 1000;
    switch (kind) {
      case 0:
        return { kind: "connected", elapsedMs };
      case 1:
        return { kind: "data", bytes: this.#arena.subarray(detail, detail + value), elapsedMs };
      case 2:
        return { kind: "end", elapsedMs };
      case 3:
        return { kind: "failed", errno: errnoName(value), call: calls[detail] ?? "connect", elapsedMs };
      default:
        return { kind: "deadline", connected: value === 1, elapsedMs };
    }
  }
}
