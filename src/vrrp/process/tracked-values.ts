import type { TrackedValue } from "../machine/assess.ts";
import type { TrackSource } from "../machine/standing.ts";

/** What is known of a tracked thing that is no interface. */
export interface Tracked {
  readonly source: TrackSource;
  readonly value: TrackedValue;
}

/** What scripts, files, processes, virtual servers and BFD sessions are now, as far as it was told. */
export class TrackedValues {
  readonly #values = new Map<string, TrackedValue>();

  add(values: readonly Tracked[]): void {
    for (const { source, value } of values) this.#values.set(keyOf(source), value);
  }

  /** In place of all that was known. */
  replace(values: readonly Tracked[]): void {
    this.#values.clear();
    this.add(values);
  }

  get(source: TrackSource): TrackedValue | null {
    return this.#values.get(keyOf(source)) ?? null;
  }
}

function keyOf({ kind, name }: TrackSource): string {
  return `${kind} ${name}`;
}
