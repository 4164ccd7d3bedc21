import type { YamlMap, YamlNode, YamlPair } from "./node.ts";
import { type Reading, report, resolve, spanOf } from "./reading.ts";

export interface GivenPairs {
  readonly own: readonly YamlPair[];
  /** From maps that "<<" names: they give way to the map's own, and to those before them. */
  readonly merged: readonly YamlPair[];
}

/** The pairs of a map, and those that "<<" merges in. */
export function pairsOf(reading: Reading, map: YamlMap): GivenPairs {
  if (!map.pairs.some(({ key }) => isMergeKey(key))) return { own: map.pairs, merged: [] };
  const merges = map.pairs.filter(({ key }) => isMergeKey(key));
  return {
    own: map.pairs.filter(({ key }) => !isMergeKey(key)),
    merged: merges.flatMap(({ value }) => mergedPairs(reading, value)),
  };
}

function mergedPairs(reading: Reading, value: YamlNode | null): readonly YamlPair[] {
  const target = value === null ? null : resolve(reading, value);
  if (target === null || !reading.aliases.spend(1)) return [];
  if (target.kind === "scalar") {
    report(reading, spanOf(reading, target), { code: "wrong-shape", message: '"<<" merges maps, and this is none' });
    return [];
  }
  return reading.aliases.within(target, () => {
    if (target.kind === "list") return target.items.flatMap((item) => mergedPairs(reading, item));
    const { own, merged } = pairsOf(reading, target);
    return [...own, ...merged];
  });
}

function isMergeKey(key: YamlNode): boolean {
  return key.kind === "scalar" && key.plain && key.text === "<<";
}
