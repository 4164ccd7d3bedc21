import { readFile, rename, rm } from "node:fs/promises";
import { removeLeftovers, writeFileAtomic } from "./atomic-write.ts";
import { isObject } from "./is-object.ts";

/**
 * Which life of a table a record speaks of. The kernel's table dies with the boot and with its network namespace, a user-space
 * one with its process: a record with another stamp says nothing about the table of now.
 */
export interface Stamp {
  readonly bootId: string;
  /** Network namespace, or start id of the user-space data plane. */
  readonly identity: string;
}

export type LoadedRecord<T> =
  | { readonly kind: "loaded"; readonly content: T }
  | { readonly kind: "absent" }
  | { readonly kind: "stale"; readonly detail: string }
  /** Not what we write; kept as `keptAs` for whoever wants to know why. */
  | { readonly kind: "corrupt"; readonly detail: string; readonly keptAs: string };

/** Throws a sentence if the content is not what it should be. */
export type ParseContent<T> = (content: unknown) => T;

const version = 1;

/** A JSON file that is valid for one life of a table only. One process writes it. */
export class StampedRecord<T> {
  readonly path: string;
  readonly #stamp: () => Stamp;
  readonly #parse: ParseContent<T>;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, stamp: () => Stamp, parse: ParseContent<T>) {
    this.path = path;
    this.#stamp = stamp;
    this.#parse = parse;
  }

  /** Rejects only if the file cannot be read although it is there. */
  async load(): Promise<LoadedRecord<T>> {
    await removeLeftovers(this.path);
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return { kind: "absent" };
      throw error;
    }
    try {
      const { stamp, content } = unwrap(JSON.parse(text));
      const now = this.#stamp();
      if (stamp.bootId !== now.bootId) return { kind: "stale", detail: "written before the last boot" };
      if (stamp.identity !== now.identity) {
        return { kind: "stale", detail: `of data plane ${stamp.identity}, this is ${now.identity}` };
      }
      return { kind: "loaded", content: this.#parse(content) };
    } catch (error) {
      const keptAs = `${this.path}.corrupt`;
      await rename(this.path, keptAs);
      return { kind: "corrupt", detail: error instanceof Error ? error.message : String(error), keptAs };
    }
  }

  /** Resolves when the record is on disk. Writes queue up in the order of the calls. */
  save(content: T): Promise<void> {
    return this.#enqueue(() => writeFileAtomic(this.path, JSON.stringify({ version, stamp: this.#stamp(), content })));
  }

  remove(): Promise<void> {
    return this.#enqueue(() => rm(this.path, { force: true }));
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(task);
    this.#writing = done.catch(() => {});
    return done;
  }
}

function unwrap(record: unknown): { stamp: Stamp; content: unknown } {
  if (!isObject(record)) throw new Error("not a record");
  if (record.version !== version) throw new Error(`version ${String(record.version)}, not ${version}`);
  const stamp = record.stamp;
  if (!isObject(stamp) || typeof stamp.bootId !== "string" || typeof stamp.identity !== "string") {
    throw new Error("no stamp");
  }
  return { stamp: { bootId: stamp.bootId, identity: stamp.identity }, content: record.content };
}
