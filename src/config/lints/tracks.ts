import type { Config } from "../keywords/table.ts";
import type { Tracked } from "../keywords/values/weight.ts";
import type { WrittenInstance } from "./instances.ts";

const kinds = ["track_interface", "track_script", "track_file", "track_process", "track_bfd"] as const;

/** Something that an instance watches and that adds to its priority. */
export interface WeightedTrack {
  readonly keyword: (typeof kinds)[number];
  /** Which of the lines behind the keyword. */
  readonly word: number;
  readonly name: string;
  /** What is added while it is good and while it is bad. Of a track_file, whose number is multiplied, null. */
  readonly change: { readonly good: number; readonly bad: number } | null;
}

type Defaults = ReadonlyMap<string, { readonly weight: number; readonly reverse: boolean }>;
const defaultsCache = new WeakMap<Config, Readonly<Record<string, Defaults>>>();

/** What the instance watches with a weight, its own or that of what it watches. A weight of 0 is none: being bad is a fault. */
export function weightedTracks(config: Config, written: WrittenInstance): WeightedTrack[] {
  const defaults = defaultsCache.get(config) ?? trackDefaults(config);
  defaultsCache.set(config, defaults);
  return kinds.flatMap((keyword) =>
    ((written[keyword] ?? []) as readonly Tracked[]).flatMap(({ name, weight, reverse }, word) => {
      const own = defaults[keyword]?.get(name) ?? { weight: 0, reverse: false };
      const effective = weight ?? own.weight;
      const change = keyword === "track_file" ? null : changeOf(effective, reverse ?? own.reverse);
      return effective === 0 ? [] : [{ keyword, word, name, change }];
    }),
  );
}

/** A positive weight is added while it is good, a negative one while it is bad; reversed, the sign of what is added turns. */
function changeOf(weight: number, reverse: boolean): { readonly good: number; readonly bad: number } {
  const added = reverse ? -weight : weight;
  return weight > 0 ? { good: added, bad: 0 } : { good: 0, bad: added };
}

function trackDefaults(config: Config): Readonly<Record<string, Defaults>> {
  const byName = (
    blocks: readonly (Pick<NonNullable<Config["vrrp_script"][number]>, "name" | "weight"> | null)[],
    weight: number,
  ): Defaults =>
    new Map(
      blocks.flatMap((block) => (block === null ? [] : [[block.name, block.weight ?? { weight, reverse: false }]])),
    );
  return {
    track_script: byName(config.vrrp_script, 0),
    track_file: byName(config.track_file, 1),
    track_process: byName(config.vrrp_track_process, 1),
    track_bfd: byName(config.bfd_instance, 0),
  };
}
