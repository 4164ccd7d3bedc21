import { nextAuthenticationSequence } from "../../packet/authentication-header.ts";
import { admitSequence, REMEMBERED_SENDERS, type ReplayState } from "../../packet/replay.ts";
import { nextSequence, type Sequence } from "../../packet/sequence.ts";
import type { Authentication } from "./scenario.ts";

const timeWindowMs = 5_000;

interface Memory {
  sent: Sequence | null;
  replay: ReplayState;
  /** Of the authentication header: highest number seen or sent. */
  highest: number;
  isOwn: boolean;
}

/** What of a process has to do with the wall clock: the numbers of its adverts, and which numbers it believes. */
export class Signing {
  readonly #kind: Authentication;
  readonly #memories = new Map<number, Memory>();

  constructor(kind: Authentication) {
    this.#kind = kind;
  }

  /** The number of an advert that is sent now; null where there are none. */
  next(network: number, epochMs: number): Sequence | null {
    const memory = this.#memoryOf(network);
    if (this.#kind === "none") return null;
    if (this.#kind === "ah") {
      memory.highest = nextAuthenticationSequence(memory.highest, epochMs);
      memory.isOwn = true;
      return { high: memory.highest, low: 0 };
    }
    memory.sent = nextSequence(memory.sent, epochMs, { antiReplay: this.#kind, timeWindowMs });
    return memory.sent;
  }

  /** Whether an advert with this number is believed. */
  admits(network: number, source: string, sequence: Sequence | null, epochMs: number): boolean {
    const memory = this.#memoryOf(network);
    if (this.#kind === "none" || sequence === null) return true;
    if (this.#kind === "ah") {
      if (sequence.high < memory.highest || (sequence.high === memory.highest && !memory.isOwn)) return false;
      memory.highest = sequence.high;
      memory.isOwn = false;
      return true;
    }
    const rules = { antiReplay: this.#kind, timeWindowMs, capacity: REMEMBERED_SENDERS };
    const verdict = admitSequence(memory.replay, source, sequence, epochMs, rules);
    if (verdict.ok) memory.replay = verdict.state;
    return verdict.ok;
  }

  #memoryOf(network: number): Memory {
    const known = this.#memories.get(network);
    if (known !== undefined) return known;
    const memory: Memory = { sent: null, replay: [], highest: 0, isOwn: false };
    this.#memories.set(network, memory);
    return memory;
  }
}
