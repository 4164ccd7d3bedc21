/** So many arrivals in `windowMs`, each with a wake-up of its own, cost more than a look every millisecond. */
const manyArrivals = 16;
const windowMs = 8;
const lookEveryMs = 1;
/** After so many looks that brought little it is cheaper to be woken again. */
const looksToJudge = 64;
const fewPackets = 32;

/**
 * Whether sockets wake the process, or are looked at once a millisecond: with hundreds of instances at 10 ms a wake-up for each
 * advert costs more than the advert. `onChange` is told which; time is given, and nothing waited for here.
 */
export class ReceivePace {
  readonly #onChange: (wakes: boolean) => void;
  #nextLookMs = Number.POSITIVE_INFINITY;
  #windowFromMs = Number.NEGATIVE_INFINITY;
  #arrivals = 0;
  #looks = 0;
  #packets = 0;

  constructor(onChange: (wakes: boolean) => void) {
    this.#onChange = onChange;
  }

  /** When sockets that do not wake the process are to be looked at; infinity while they do. */
  get nextLookMs(): number {
    return this.#nextLookMs;
  }

  /** A socket woke the process. */
  arrived(nowMs: number): void {
    if (nowMs - this.#windowFromMs > windowMs) {
      this.#windowFromMs = nowMs;
      this.#arrivals = 0;
    }
    this.#arrivals++;
    if (this.#arrivals < manyArrivals) return;
    this.#startAnew();
    this.#nextLookMs = nowMs + lookEveryMs;
    this.#onChange(false);
  }

  /** They were looked at because it was time, and so much was there. */
  looked(packets: number, nowMs: number): void {
    this.#looks++;
    this.#packets += packets;
    this.#nextLookMs = nowMs + lookEveryMs;
    if (this.#looks < looksToJudge) return;
    const isQuiet = this.#packets < fewPackets;
    this.#startAnew();
    if (!isQuiet) return;
    this.#nextLookMs = Number.POSITIVE_INFINITY;
    this.#onChange(true);
  }

  #startAnew(): void {
    this.#arrivals = 0;
    this.#looks = 0;
    this.#packets = 0;
  }
}
