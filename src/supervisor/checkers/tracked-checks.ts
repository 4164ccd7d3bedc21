import {
  applyVerdict,
  type CheckChange,
  type CheckState,
  type Instant,
  judgeTracked,
  type TrackedCheck,
  unknownState,
} from "@lbctl/checkers";
import type { TrackSource } from "../../vrrp/machine/standing.ts";
import type { TrackedNow } from "../vrrp/vrrp-messages.ts";

export interface TrackedEntry {
  readonly key: string;
  readonly check: TrackedCheck;
  readonly seed?: CheckState;
}

/**
 * The checks that nobody runs: what others tell of tracked things decides them. Pure; one that a reload leaves alone keeps its
 * state, and a new one has it at once, from what was told before.
 */
export class TrackedChecks {
  readonly #values = new Map<string, TrackedNow>();
  #checks = new Map<string, { readonly check: TrackedCheck; readonly state: CheckState }>();

  /** Replaces the whole list; what changed of those whose value is known. */
  configure(entries: readonly TrackedEntry[], now: Instant): CheckChange[] {
    const before = this.#checks;
    this.#checks = new Map(
      entries.map(({ key, check, seed }) => [
        key,
        { check, state: before.get(key)?.state ?? seed ?? unknownState(now) },
      ]),
    );
    return this.#judge(
      [...this.#checks.keys()].filter((key) => !before.has(key)),
      now,
    );
  }

  /** What is known now of some things, also of such that no check is about. */
  told(values: readonly TrackedNow[], now: Instant): CheckChange[] {
    const concerned = new Set(values.map(({ source }) => textOf(source)));
    for (const now of values) this.#values.set(textOf(now.source), now);
    const keys = [...this.#checks].filter(([, { check }]) => concerned.has(textOf(sourceOf(check))));
    return this.#judge(
      keys.map(([key]) => key),
      now,
    );
  }

  /** What was known when nobody was told yet; what was told since counts. */
  toldBefore(values: readonly TrackedNow[]): void {
    for (const now of values) {
      const key = textOf(now.source);
      if (!this.#values.has(key)) this.#values.set(key, now);
    }
  }

  #judge(keys: readonly string[], now: Instant): CheckChange[] {
    return keys.flatMap((key) => {
      const known = this.#checks.get(key);
      const value = known === undefined ? undefined : this.#values.get(textOf(sourceOf(known.check)));
      if (known === undefined || value === undefined) return [];
      const { check } = known;
      const { state, transition } = applyVerdict(known.state, check, judgeTracked(check.spec, value), now);
      this.#checks.set(key, { check, state });
      return [{ key, check, state, transition }];
    });
  }
}

function sourceOf({ spec }: TrackedCheck): TrackSource {
  return spec.type === "FILE_CHECK" ? { kind: "file", name: spec.trackFile } : { kind: "bfd", name: spec.session };
}

function textOf({ kind, name }: TrackSource): string {
  return `${kind} ${name}`;
}
