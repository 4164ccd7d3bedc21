import { type AddressEntry, type AddressFamily, type Link, NetlinkError, type NetworkEvent } from "ipvs-netlink";
import type { UpDownDelay } from "../../config/vrrp-model.ts";
import { type SourceAddress, type SourceRules, sourceAddress } from "../addresses/source-address.ts";

export interface InterfacesOptions {
  /** Lists what is there now. May throw NetlinkError. */
  readonly list: () => { readonly links: readonly Link[]; readonly addresses: readonly AddressEntry[] };
  /** What its driver says of the link, for who is asked; null: what the kernel reports counts. */
  readonly hasLink: (name: string) => boolean | null;
  /** Whether IPv6 is forwarded there, as the kernel's answers about addresses on it say. */
  readonly forwardsIpv6: (name: string) => boolean;
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
  /** Something may be otherwise: an interface's state, index, MAC or addresses. */
  readonly onChange: () => void;
}

/** Where so much changes that no list is whole, or the kernel has no memory for one: until the next try. */
const retryMs = 100;

export type InterfaceState = "up" | "down" | "missing";

/** What is known of the machine's interfaces. A state counts once it has lasted for as long as `interface_up_down_delays` says. */
export class Interfaces {
  readonly #options: InterfacesOptions;
  #delays = new Map<string, UpDownDelay>();
  #links = new Map<string, Link>();
  #addresses: readonly AddressEntry[] = [];
  /** How often the interface with a number was removed. */
  readonly #removals = new Map<number, number>();
  /** How often nobody knows what was removed. */
  #resyncs = 0;
  readonly #counted = new Map<string, InterfaceState>();
  #cancelRetry: () => void = () => {};
  readonly #pending = new Map<string, { readonly state: InterfaceState; readonly cancel: () => void }>();

  constructor(options: InterfacesOptions) {
    this.#options = options;
  }

  configure(delays: readonly UpDownDelay[]): void {
    this.#delays = new Map(delays.map((delay) => [delay.interface, delay]));
  }

  /** Looks at everything again; where that cannot be, what was known counts on, and it is tried again soon. */
  refresh(): void {
    this.#cancelRetry();
    this.#cancelRetry = () => {};
    const listed = this.#list();
    if (listed === null) return;
    const { links, addresses } = listed;
    this.#links = new Map(links.map((link) => [link.name, link]));
    this.#addresses = addresses;
    for (const name of new Set([...this.#links.keys(), ...this.#counted.keys()])) this.#count(name);
  }

  /**
   * Interfaces were removed, or may have been where events were lost. There may be others by now, with the same names and numbers, that
   * know nothing of what was theirs.
   */
  removed(events: readonly NetworkEvent[]): void {
    for (const event of events) {
      if (event.kind === "resync") this.#resyncs += 1;
      if (event.kind !== "link-gone") continue;
      const { index } = event.link;
      this.#removals.set(index, (this.#removals.get(index) ?? 0) + 1);
    }
  }

  /** Which of those with this number is there now: sockets are bound to one, and of no use for the next. */
  lifeOf({ index }: Pick<Link, "index">): number {
    return this.#resyncs + (this.#removals.get(index) ?? 0);
  }

  /** Whether what others changed is of interest here. */
  concerns(event: NetworkEvent): boolean {
    return event.kind !== "route" && event.kind !== "route-gone" && event.kind !== "rule" && event.kind !== "rule-gone";
  }

  link(name: string): Link | null {
    return this.#links.get(name) ?? null;
  }

  /** Asked of the kernel each time: nobody tells when it changes. */
  forwardsIpv6(name: string): boolean {
    return this.#options.forwardsIpv6(name);
  }

  nameOf(index: number): string | null {
    for (const link of this.#links.values()) if (link.index === index) return link.name;
    return null;
  }

  stateOf(name: string): InterfaceState {
    return this.#counted.get(name) ?? "missing";
  }

  sourceOn(name: string, family: AddressFamily, rules: SourceRules): SourceAddress {
    const link = this.#links.get(name);
    if (link === undefined) return { kind: "none" };
    return sourceAddress(this.#addresses, link.index, family, rules);
  }

  /** An address of this machine, on whatever interface. */
  has(address: string): boolean {
    return this.#addresses.some((entry) => entry.address === address);
  }

  close(): void {
    this.#cancelRetry();
    for (const { cancel } of this.#pending.values()) cancel();
    this.#pending.clear();
  }

  #list(): ReturnType<InterfacesOptions["list"]> | null {
    try {
      return this.#options.list();
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      this.#cancelRetry = this.#options.setTimer(() => {
        this.refresh();
        this.#options.onChange();
      }, retryMs);
      return null;
    }
  }

  #count(name: string): void {
    const link = this.#links.get(name);
    const isUp = link?.up === true && (this.#options.hasLink(name) ?? link.lowerUp);
    const state: InterfaceState = link === undefined ? "missing" : isUp ? "up" : "down";
    const counted = this.#counted.get(name);
    const pending = this.#pending.get(name);
    if (pending?.state === state) return;
    pending?.cancel();
    this.#pending.delete(name);
    if (counted === state) return;
    const delay = this.#delays.get(name);
    const delayMs = counted === undefined || delay === undefined ? 0 : state === "up" ? delay.upMs : delay.downMs;
    if (delayMs === 0) {
      this.#counted.set(name, state);
      return;
    }
    const cancel = this.#options.setTimer(() => {
      this.#pending.delete(name);
      this.#counted.set(name, state);
      this.#options.onChange();
    }, delayMs);
    this.#pending.set(name, { state, cancel });
  }
}
