import type { RecordStore } from "../../director/records.ts";
import type { AddressEvent } from "./address-event.ts";
import { protocolOfIdentity } from "./identity.ts";
import type { OwnershipRecord } from "./ownership-record.ts";

/** Identities of what configurations of ours have or had, in memory and on record. */
export class OwnedObjects {
  readonly #record: RecordStore<OwnershipRecord>;
  readonly #onEvent: (event: AddressEvent) => void;
  #texts = new Set<string>();
  #saved = "";

  constructor(record: RecordStore<OwnershipRecord>, onEvent: (event: AddressEvent) => void) {
    this.#record = record;
    this.#onEvent = onEvent;
  }

  get texts(): ReadonlySet<string> {
    return this.#texts;
  }

  /** Protocols of the routes: they must be listed to be found. */
  routeProtocols(): number[] {
    return [...this.#texts].flatMap((text) => protocolOfIdentity(text) ?? []);
  }

  /** Takes over what a predecessor recorded. */
  async inherit(): Promise<void> {
    await this.#attempt("read", async () => {
      const loaded = await this.#record.load();
      if (loaded.kind === "loaded") this.#texts = new Set(loaded.content);
    });
  }

  /** Resolves when these are on record. One that cannot be written is told, and does not keep a master from its addresses. */
  async remember(texts: Iterable<string>): Promise<void> {
    for (const text of texts) this.#texts.add(text);
    await this.#save();
  }

  /** After the others are gone from the kernel, never before. */
  async keepOnly(isKept: (text: string) => boolean): Promise<void> {
    this.#texts = new Set([...this.#texts].filter(isKept));
    await this.#save();
  }

  /** Nothing is ours any more. */
  async end(): Promise<void> {
    await this.#attempt("write", () => this.#record.remove());
  }

  async #save(): Promise<void> {
    const content = [...this.#texts].sort();
    const text = content.join("\n");
    if (text === this.#saved) return;
    await this.#attempt("write", async () => {
      await this.#record.save(content);
      this.#saved = text;
    });
  }

  async #attempt(call: "read" | "write", task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#onEvent({ type: "record_failed", call, file: this.#record.path, message });
    }
  }
}
