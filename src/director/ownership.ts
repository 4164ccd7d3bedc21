import { type ServiceKey, serviceKeyText } from "ipvs-netlink";
import { isObject } from "../files/is-object.ts";
import type { DirectorEvent } from "./events.ts";
import type { RecordStore } from "./records.ts";

/**
 * Which services of the table are ours: those configured, and those that a configuration of ours once held. On disk before
 * the first write to a service, so that a successor can tell what we left from what others made.
 */
export class Ownership {
  readonly #store: RecordStore<readonly ServiceKey[]>;
  readonly #onEvent: (event: DirectorEvent) => void;
  #keys = new Map<string, ServiceKey>();
  #saved = true;

  constructor(store: RecordStore<readonly ServiceKey[]>, onEvent: (event: DirectorEvent) => void) {
    this.#store = store;
    this.#onEvent = onEvent;
  }

  /** Takes over what a predecessor recorded. */
  inherit(keys: readonly ServiceKey[]): void {
    this.#keys = new Map(keys.map((key) => [serviceKeyText(key), key]));
  }

  has(serviceKey: string): boolean {
    return this.#keys.has(serviceKey);
  }

  keys(): readonly ServiceKey[] {
    return [...this.#keys.values()];
  }

  /**
   * Resolves when these are recorded as ours. A run-time directory that cannot be written is reported and does not stop the
   * service: the harm (a service left behind by a crash right then) is smaller than no balancing at all.
   */
  async claim(keys: readonly ServiceKey[]): Promise<void> {
    for (const key of keys) {
      const text = serviceKeyText(key);
      if (this.#keys.has(text)) continue;
      this.#keys.set(text, key);
      this.#saved = false;
    }
    if (!this.#saved) await this.#save();
  }

  /** After these were deleted, never before. */
  async release(serviceKeys: readonly string[]): Promise<void> {
    for (const text of serviceKeys) if (this.#keys.delete(text)) this.#saved = false;
    if (!this.#saved) await this.#save();
  }

  /** Nothing is ours any more. */
  async end(): Promise<void> {
    this.#keys.clear();
    await this.#attempt(() => this.#store.remove());
  }

  async #save(): Promise<void> {
    this.#saved = await this.#attempt(() => this.#store.save(this.keys()));
  }

  async #attempt(write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#onEvent({ type: "record_failed", call: "write", file: this.#store.path, message });
      return false;
    }
  }
}

const protocols: readonly unknown[] = ["TCP", "UDP", "SCTP"];
const families: readonly unknown[] = ["inet", "inet6"];

/** The ownership record as read from disk. Throws a sentence at anything that we would not have written. */
export function parseOwnership(content: unknown): readonly ServiceKey[] {
  if (!Array.isArray(content)) throw new Error("no list of services");
  return content.map(parseServiceKey);
}

function parseServiceKey(value: unknown): ServiceKey {
  if (isObject(value)) {
    const { kind, protocol, address, port, family, fwmark } = value;
    if (kind === "address" && protocols.includes(protocol) && typeof address === "string" && isUint(port, 65_535)) {
      return { kind, protocol: protocol as "TCP" | "UDP" | "SCTP", address, port };
    }
    if (kind === "fwmark" && families.includes(family) && isUint(fwmark, 0xffff_ffff)) {
      return { kind, family: family as "inet" | "inet6", fwmark };
    }
  }
  throw new Error(`not a service: ${JSON.stringify(value)}`);
}

function isUint(value: unknown, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
}
