import { readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { removeLeftovers, writeFileAtomic } from "../files/atomic-write.ts";
import { makeDirectory } from "../files/make-directory.ts";
import type { OperatorOverride } from "./overrides.ts";

/** What a Date can be (ECMA-262, 21.4.1.1): it is shown as one. */
const epochMs = z.number().min(-8.64e15).max(8.64e15);

const overrideSchema = z.strictObject({
  virtualServer: z.string().nullable(),
  realServer: z.string(),
  setting: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("admin_state"), adminState: z.enum(["enabled", "drained", "disabled"]) }),
    z.strictObject({ kind: z.literal("weight"), weight: z.int().min(0).max(65_535) }),
  ]),
  setBy: z.string(),
  setAtEpochMs: epochMs,
  expiresAtEpochMs: epochMs.nullable(),
});

const fileSchema = z.strictObject({ version: z.literal(1), overrides: z.array(overrideSchema) });

export type LoadedOverrides =
  | { readonly kind: "loaded"; readonly overrides: readonly OperatorOverride[] }
  /**
   * Not what we write, or not to be read: put aside as `keptAs` for whoever wants to know what it said. Null: it could not be, and
   * nothing is saved until it can.
   */
  | { readonly kind: "unusable"; readonly detail: string; readonly keptAs: string | null };

/** What a file says; throws a sentence about what is wrong with it. */
export function parseOverrides(text: string): readonly OperatorOverride[] {
  const result = fileSchema.safeParse(JSON.parse(text));
  if (!result.success) throw new Error(z.prettifyError(result.error).replaceAll("\n", " "));
  return lastFirst(result.data.overrides);
}

/**
 * In the file those about one place stand with the last one first, in memory with the last one last: older versions of lbctl know one of
 * a place, and take the first. Of one list it makes the other, and back again.
 */
function lastFirst(overrides: readonly OperatorOverride[]): readonly OperatorOverride[] {
  const placeOf = ({ virtualServer, realServer, setting }: OperatorOverride) =>
    JSON.stringify([virtualServer, realServer, setting.kind]);
  const byPlace = Map.groupBy(overrides, placeOf);
  return overrides.map((each) => byPlace.get(placeOf(each))?.pop() ?? each);
}

/** The overrides of one director on disk, where they outlive it and the machine's boot. One process writes it. */
export class OverrideFile {
  readonly path: string;
  #writing: Promise<void> = Promise.resolve();
  /** There is a file that could neither be used nor put aside: it must not be replaced. */
  #inTheWay = false;

  constructor(path: string) {
    this.path = path;
  }

  /** A file that is not there holds none. */
  async load(): Promise<LoadedOverrides> {
    try {
      const text = await readFile(this.path, "utf8");
      return { kind: "loaded", overrides: parseOverrides(text) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "loaded", overrides: [] };
      this.#inTheWay = true;
      await this.#putAside().catch(() => {});
      const keptAs = this.#inTheWay ? null : this.#asidePath;
      return { kind: "unusable", detail: error instanceof Error ? error.message : String(error), keptAs };
    } finally {
      // What cannot be tidied up does no harm.
      await removeLeftovers(this.path).catch(() => {});
    }
  }

  /** Resolves when they are on disk. Writes queue up in the order of the calls. */
  save(overrides: readonly OperatorOverride[]): Promise<void> {
    const done = this.#writing.then(async () => {
      if (this.#inTheWay) await this.#putAside();
      makeDirectory(dirname(this.path), 0o755);
      await writeFileAtomic(this.path, JSON.stringify({ version: 1, overrides: lastFirst(overrides) }));
    });
    this.#writing = done.catch(() => {});
    return done;
  }

  get #asidePath(): string {
    return `${this.path}.corrupt`;
  }

  async #putAside(): Promise<void> {
    await rename(this.path, this.#asidePath).catch((error: NodeJS.ErrnoException) => {
      // Somebody has moved it.
      if (error.code !== "ENOENT") throw error;
    });
    this.#inTheWay = false;
  }
}
