import type { Statistics } from "ipvs-netlink";

interface Totals {
  connections: number;
  inPackets: number;
  outPackets: number;
  inBytes: number;
  outBytes: number;
}

type Totalled = keyof Totals;

/** Seconds between two estimates, as in the kernel (ip_vs_est.c). */
export const estimateEveryS = 2;

/** The kernel's average: a quarter of the way from the last estimate to what was seen since (ip_vs_est.c). */
export function estimate(averagePerS: number, countedInInterval: number): number {
  return averagePerS + (countedInInterval / estimateEveryS - averagePerS) / 4;
}

/**
 * Totals and rates of a service or a destination. Bytes are payload; a packet is a datagram, or for TCP what one read
 * returned, since a proxy does not see segments.
 */
export class TrafficMeter {
  readonly #totals: Totals = zero();
  #estimated: Totals = zero();
  #averages: Totals = zero();

  connection(): void {
    this.#totals.connections++;
  }

  received(bytes: number): void {
    this.#totals.inPackets++;
    this.#totals.inBytes += bytes;
  }

  sent(bytes: number): void {
    this.#totals.outPackets++;
    this.#totals.outBytes += bytes;
  }

  /** To be called every `estimateEveryS`. */
  estimate(): void {
    const next = (what: Totalled): number => estimate(this.#averages[what], this.#totals[what] - this.#estimated[what]);
    this.#averages = {
      connections: next("connections"),
      inPackets: next("inPackets"),
      outPackets: next("outPackets"),
      inBytes: next("inBytes"),
      outBytes: next("outBytes"),
    };
    this.#estimated = { ...this.#totals };
  }

  statistics(): Statistics {
    return {
      ...this.#totals,
      connectionsPerS: Math.round(this.#averages.connections),
      inPacketsPerS: Math.round(this.#averages.inPackets),
      outPacketsPerS: Math.round(this.#averages.outPackets),
      inBytesPerS: Math.round(this.#averages.inBytes),
      outBytesPerS: Math.round(this.#averages.outBytes),
    };
  }
}

function zero(): Totals {
  return { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
}
