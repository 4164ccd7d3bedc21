/** So many wake-ups in so many times between looks cost more than the looks. */
const manyArrivals = 16;
const windowLooks = 8;
/**
 * What a look may be late by, beside the advert interval. Timers count from when an advert came in, and one that is due looks first: what is
 * read later is only the answer to an advert, by half of this.
 */
const looksPerAdvert = 8;
const leastLookMs = 1;
const mostLookMs = 25;

/**
 * Whether sockets wake the process, or are looked at by the clock, every 1 to 25 ms: with hundreds of instances at short
 * intervals a wake-up for each advert costs more than the advert. Routers send what is due together: a look that finds nothing ends a
 * burst, and the first advert of the next one begins to be looked at again. `onChange` is told which; time is given, and nothing waited
 * for here.
 */
export class ReceivePace {
  readonly #onChange: (wakes: boolean) => void;
  #lookEveryMs = leastLookMs;
  #nextLookMs = Number.POSITIVE_INFINITY;
  #windowFromMs = Number.NEGATIVE_INFINITY;
  #arrivals = 0;
  #burstPackets = 0;
  #expectsBurst = false;

  constructor(onChange: (wakes: boolean) => void) {
    this.#onChange = onChange;
  }

  /** The shortest advert interval of all instances. */
  configure(advertMs: number): void {
    this.#lookEveryMs = Math.min(mostLookMs, Math.max(leastLookMs, advertMs / looksPerAdvert));
  }

  /** When sockets that do not wake the process are to be looked at; infinity while they do. */
  get nextLookMs(): number {
    return this.#nextLookMs;
  }

  /** A socket woke the process. */
  arrived(nowMs: number): void {
    if (nowMs - this.#windowFromMs > windowLooks * this.#lookEveryMs) {
      this.#windowFromMs = nowMs;
      this.#arrivals = 0;
    }
    this.#arrivals++;
    if (this.#arrivals < manyArrivals && !this.#expectsBurst) return;
    this.#arrivals = 0;
    this.#burstPackets = 0;
    this.#nextLookMs = nowMs + this.#lookEveryMs;
    this.#onChange(false);
  }

  /** They were looked at because it was time, and so much was there. */
  looked(packets: number, nowMs: number): void {
    this.#burstPackets += packets;
    if (packets > 0) {
      this.#nextLookMs = nowMs + this.#lookEveryMs;
      return;
    }
    this.#expectsBurst = this.#burstPackets >= manyArrivals;
    this.#nextLookMs = Number.POSITIVE_INFINITY;
    this.#onChange(true);
  }
}
