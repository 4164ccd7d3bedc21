import { native } from "ipvs-netlink";
import { AF_PACKET, packetAddress, SOCK_NONBLOCK, SOCK_RAW } from "../../sockets/socket-options.ts";
import { checked, SystemCallError } from "../../sockets/system-call-error.ts";
import type { AnnouncePlan } from "../machine/action.ts";
import { type AnnouncedAddress, announcementFrame, roundsOf } from "./announcement.ts";
import { PacedFrames } from "./paced-frames.ts";

export interface AnnouncerOptions {
  /** Least time between two frames on an interface, in microseconds; 0 is none. Interfaces of one `group` share it. */
  readonly pace: (link: string, family: "inet" | "inet6") => { readonly group: string; readonly intervalUs: number };
  readonly onError: (message: string) => void;
}

/** What an instance announces: looked up at each round, as addresses, interfaces and MACs may be others by then. */
export type Addresses = () => readonly AnnouncedAddress[];

/** Once each time, beside the plan. */
export interface ExtraRounds {
  readonly everyMs: number;
  readonly addresses: Addresses;
}

/** Sends gratuitous ARP and unsolicited neighbour advertisements, in rounds and at a pace. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #fd: number;
  readonly #timers = new Map<string, Set<NodeJS.Timeout>>();
  readonly #paced = new PacedFrames();
  readonly #failed = new Set<string>();

  /** @throws SystemCallError */
  constructor(options: AnnouncerOptions) {
    this.#options = options;
    // Protocol 0: it receives nothing.
    this.#fd = checked(native().socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0), "socket", "gratuitous ARP");
  }

  /** Carries a plan out; the rounds of the one before that are still to come are dropped. */
  announce(instance: string, addresses: Addresses, plan: AnnouncePlan, extra: ExtraRounds | null = null): void {
    this.stop(instance);
    const timers = new Set<NodeJS.Timeout>();
    this.#timers.set(instance, timers);
    for (const { afterMs, repeat, everyMs } of roundsOf(plan)) {
      const round = () => this.#round(instance, addresses(), repeat);
      if (everyMs !== null) timers.add(setInterval(() => this.#unlessWaiting(instance, round), everyMs));
      else if (afterMs > 0) timers.add(setTimeout(round, afterMs));
      else round();
    }
    if (extra === null) return;
    const round = () => this.#round(instance, extra.addresses(), 1);
    timers.add(setInterval(() => this.#unlessWaiting(instance, round), extra.everyMs));
  }

  stop(instance: string): void {
    for (const timer of this.#timers.get(instance) ?? []) clearTimeout(timer);
    this.#timers.delete(instance);
    this.#paced.drop(instance);
  }

  /** Says nothing more. */
  end(): void {
    for (const instance of [...this.#timers.keys()]) this.stop(instance);
    this.#paced.clear();
  }

  close(): void {
    this.end();
    native().close(this.#fd);
  }

  /** A repetition that comes while the last one still waits for its pace adds nothing: or ever more would wait. */
  #unlessWaiting(instance: string, round: () => void): void {
    if (!this.#paced.isWaiting(instance)) round();
  }

  #round(instance: string, addresses: readonly AnnouncedAddress[], repeat: number): void {
    for (let time = 0; time < repeat; time++) {
      for (const announced of addresses) {
        const frame = announcementFrame(announced);
        const { group, intervalUs } = this.#options.pace(announced.link.name, announced.family);
        this.#paced.add({ owner: instance, send: () => this.#send(announced, frame) }, group, intervalUs);
      }
    }
  }

  #send({ address, link }: AnnouncedAddress, frame: Buffer): void {
    const answer = native().sendmsg(this.#fd, frame, packetAddress(link.index), 0);
    const key = `${address} ${link.name}`;
    if (answer >= 0) {
      this.#failed.delete(key);
      return;
    }
    // An interface that is down, or one that is gone: told once, until it goes again.
    if (this.#failed.has(key)) return;
    this.#failed.add(key);
    this.#options.onError(new SystemCallError("sendmsg", `announcing ${address} on ${link.name}`, answer).message);
  }
}
