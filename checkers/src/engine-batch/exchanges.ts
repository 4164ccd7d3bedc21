import tls from "node:tls";
import { errnoName, type Native, type NativeExchanges } from "ipvs-netlink";
import type { Lateness } from "../schedule.ts";
import { coarsestGridMs, gridOf } from "../together.ts";
import { type Plan, planBase, planEveryMs, planFields, planGridUs, planSlot, planTimeoutMs } from "./plan.ts";
import { tlsSettings } from "./tls-settings.ts";

/** What happened to an exchange. After all but `secured`, `data` and `end` it is over. `elapsedMs` counts from its start. */
export type Happening =
  | { readonly kind: "connected"; readonly elapsedMs: number }
  /** `bytes` are valid until the handler returns. */
  | { readonly kind: "data"; readonly bytes: Uint8Array; readonly elapsedMs: number }
  /** `handshake`: before there was anything else than the connection. */
  | { readonly kind: "end"; readonly handshake: boolean; readonly elapsedMs: number }
  | { readonly kind: "secured"; readonly expiryEpochMs: number; readonly elapsedMs: number }
  /** The handshake failed, or a later record; `detail` is OpenSSL's word for it. */
  | { readonly kind: "tls_failed"; readonly detail: string; readonly elapsedMs: number }
  | { readonly kind: "failed"; readonly errno: string; readonly call: string; readonly elapsedMs: number }
  /** How far it had got: the connection stood, or its handshake was under way, or not even that. */
  | { readonly kind: "deadline"; readonly reached: "connection" | "handshake" | null; readonly elapsedMs: number };

export interface ExchangeHandlers {
  /** Answers whether the exchange is over now. Must not start anything. */
  readonly happened: (slot: number, happening: Happening) => boolean;
  /** All that happened at one wake-up has been told. */
  readonly settled: () => void;
  /** Passes of exchanges that are repeated, about once a second. */
  readonly passed: (passes: readonly ExchangePass[]) => void;
}

export interface ExchangePass {
  readonly slot: number;
  readonly latencyMs: number;
  /** How long ago it was. */
  readonly ageMs: number;
}

export interface ExchangeStart {
  readonly slot: number;
  readonly plan: Plan;
  readonly timeoutMs: number;
  /** It begins so long after now and is repeated as long as it passes (`togetherMs`); for connections alone. Absent: it begins now, once. */
  readonly everyMs?: number;
}

const resultFields = 5;
const passFields = 3;
/** What the callback is told when there are passes to be read. */
const passesToRead = -1;
const rowsAtOnce = 512;
const arenaBytes = 512 * 1024;
const startsAtOnce = 256;
const memoryBytes = 64 * 1024;
const calls = ["socket", "setsockopt", "bind", "connect", "send", "read", "handshake"];
const reached = [null, "connection", "handshake"] as const;

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
  readonly #passes = new Int32Array(rowsAtOnce * passFields);
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
    for (const { slot, plan, timeoutMs, everyMs = 0 } of batch) {
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
      this.#table[at + planEveryMs] = everyMs;
      this.#table[at + planGridUs] = gridOf(everyMs) * 1000;
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

  /** To be called before anything with TLS; false where it cannot be done. */
  prepareTls(): boolean {
    const { minVersion, strings } = tlsSettings(tls.DEFAULT_CIPHERS, tls.DEFAULT_MIN_VERSION);
    return this.#native.prepareTls(this.#exchanges, minVersion, strings) >= 0;
  }

  /** To be called before anything is repeated. `nowMs` is of the clock that `togetherMs` is used with. */
  prepareRepeats(atMost: number, nowMs: number): void {
    this.#native.prepareRepeats(this.#exchanges, atMost, Math.round((nowMs % coarsestGridMs) * 1000));
  }

  /** Those of these that wait to be repeated begin now. */
  expedite(slots: readonly number[]): void {
    if (slots.length > 0) this.#native.expediteExchanges(this.#exchanges, Int32Array.from(slots), slots.length);
  }

  /** How late those that are repeated were started since the last call. */
  readLateness(): Lateness {
    const words = new Int32Array(3);
    this.#native.readLateness(this.#exchanges, words);
    const [runs = 0, maxUs = 0, meanUs = 0] = words;
    return { runs, maxMs: maxUs / 1000, meanMs: meanUs / 1000 };
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
    if (rows === passesToRead) {
      this.#onPasses();
      return;
    }
    let over = 0;
    for (let row = 0; row < rows; row++) {
      const at = row * resultFields;
      const slot = this.#results[at] as number;
      if (this.#handlers.happened(slot, this.#happening(at))) this.#over[over++] = slot;
    }
    if (over > 0) this.#native.endExchanges(this.#exchanges, this.#over, over);
    this.#handlers.settled();
  }

  #onPasses(): void {
    const passes: ExchangePass[] = [];
    for (let count = rowsAtOnce; count === rowsAtOnce; ) {
      count = this.#native.readPasses(this.#exchanges, this.#passes);
      for (let at = 0; at < count * passFields; at += passFields) {
        const [slot, latencyUs, ageMs] = [this.#passes[at], this.#passes[at + 1], this.#passes[at + 2]] as number[];
        passes.push({ slot: slot as number, latencyMs: (latencyUs as number) / 1000, ageMs: ageMs as number });
      }
    }
    if (passes.length > 0) this.#handlers.passed(passes);
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
        return { kind: "end", handshake: value === 1, elapsedMs };
      case 3:
        return { kind: "failed", errno: errnoName(value), call: calls[detail] ?? "connect", elapsedMs };
      case 5:
        return { kind: "secured", expiryEpochMs: ((value >>> 0) + detail * 2 ** 32) * 1000, elapsedMs };
      case 6: {
        const text = Buffer.from(this.#arena.subarray(detail, detail + value)).toString("latin1");
        return { kind: "tls_failed", detail: text, elapsedMs };
      }
      default:
        return { kind: "deadline", reached: reached[value] ?? null, elapsedMs };
    }
  }
}
