import { RtnetlinkClient } from "ipvs-netlink";
import { StallWatch } from "../../e2e/stall-watch.ts";
import type { Node } from "./ethernet.ts";

/** Who held an address, from one look at which that was so to the next at which it was not. */
export interface Span {
  readonly holders: readonly string[];
  readonly fromMs: number;
  toMs: number;
}

const everyMs = 10;
/** After a stall masters are elected anew: several intervals for each in which nothing was sent. */
const excusedPerStalled = 4;

/** Looks all the time at which nodes have which virtual address on whatever interface. */
export class HolderWatch {
  readonly #clients: ReadonlyMap<string, RtnetlinkClient>;
  readonly #spans: ReadonlyMap<string, Span[]>;
  readonly #timer: NodeJS.Timeout;
  readonly #stalls = new StallWatch();
  #sinceMs = Number.POSITIVE_INFINITY;

  constructor(nodes: readonly Node[], addresses: readonly string[]) {
    this.#clients = new Map(nodes.map(({ name, path }) => [name, RtnetlinkClient.open({ netns: path })]));
    this.#spans = new Map(addresses.map((address) => [address, []]));
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** Who has it now. */
  holders(address: string): readonly string[] {
    this.#look();
    return this.spans(address).at(-1)?.holders ?? [];
  }

  spans(address: string): readonly Span[] {
    const spans = this.#spans.get(address);
    if (spans === undefined) throw new Error(`${address} is not watched`);
    return spans;
  }

  /** From now on `violations` counts. */
  begin(): void {
    this.#look();
    this.#sinceMs = performance.now();
  }

  /** How long the machine, or who watches, stood still (since `begin`, if it was called): what was late meanwhile is nobody's fault. */
  stalledMs(): number {
    return this.#stalls.stalledMs(Number.isFinite(this.#sinceMs) ? this.#sinceMs : 0);
  }

  /**
   * Each time since `begin` that an address was without a holder, or had several, for longer than may be. Where the
   * machine stood still, each router is right to believe the others gone, and more may be.
   */
  violations({ noneMs, severalMs }: { readonly noneMs: number; readonly severalMs: number }): string[] {
    this.#look();
    const excusedMs = excusedPerStalled * this.stalledMs();
    return [...this.#spans].flatMap(([address, spans]) =>
      spans.flatMap(({ holders, fromMs, toMs }) => {
        const forMs = toMs - Math.max(fromMs, this.#sinceMs);
        const allowedMs = holders.length === 0 ? noneMs : holders.length > 1 ? severalMs : Number.POSITIVE_INFINITY;
        return forMs <= allowedMs + excusedMs
          ? []
          : [`${address} ${holders.join(" and ") || "nobody"} ${Math.round(forMs)} ms`];
      }),
    );
  }

  /** How often an address was seen with another holder than before, in all. */
  holderChanges(address: string): number {
    const held = this.spans(address).filter(({ holders }) => holders.length === 1);
    return held.filter(({ holders }, at) => at > 0 && holders[0] !== held[at - 1]?.holders[0]).length;
  }

  /** What was seen, for failures. */
  toString(): string {
    return [...this.#spans]
      .flatMap(([address, spans]) =>
        spans.map(
          ({ holders, fromMs, toMs }) =>
            `${address} ${holders.join(" and ") || "nobody"}: ${fromMs.toFixed(0)} to ${toMs.toFixed(0)} ms`,
        ),
      )
      .join("\n");
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stalls.close();
    for (const client of this.#clients.values()) client.close();
  }

  #look(): void {
    const nowMs = performance.now();
    const has = [...this.#clients].map(
      ([name, client]) => [name, new Set(client.addresses().map(({ address }) => address))] as const,
    );
    for (const [address, spans] of this.#spans) {
      const holders = has.filter(([, addresses]) => addresses.has(address)).map(([name]) => name);
      const last = spans.at(-1);
      if (last !== undefined) last.toMs = nowMs;
      if (last === undefined || last.holders.join() !== holders.join()) {
        spans.push({ holders, fromMs: nowMs, toMs: nowMs });
      }
    }
  }
}
