import type { YamlMap, YamlNode, YamlPair } from "./node.ts";
import { type Reading, report, resolve, spanOf } from "./reading.ts";

export interface GivenPair {
  readonly pair: YamlPair;
  /** It comes from a map that "<<" names, and gives way to the map's own. */
  readonly merged: boolean;
}

/** The pairs of a map, then those that "<<" merges in. */
export function pairsOf(reading: Reading, map: YamlMap): readonly GivenPair[] {
  const own = map.pairs.filter(({ key }) => !isMergeKey(key)).map((pair) => ({ pair, merged: false }));
  if (own.length === map.pairs.length) return own;
  const merges = map.pairs.filter(({ key }) => isMergeKey(key));
  return own.concat(merges.flatMap(({ value }) => mergedPairs(reading, value)));
}

function mergedPairs(reading: Reading, value: YamlNode | null): GivenPair[] {
  const target = value === null ? null : resolve(reading, value);
  if (target === null || !reading.aliases.spend(1)) return [];
  if (target.kind === "scalar") {
    report(reading, spanOf(reading, target), { code: "wrong-shape", message: '"<<" merges maps, and this is none' });
    return [];
  }
  return reading.aliases.within(target, () =>
    target.kind === "list"
      ? target.items.flatMap((item) => mergedPairs(reading, item))
      : pairsOf(reading, target).map(({ pair }) => ({ pair, merged: true })),
  );
}

function isMergeKey(key: YamlNode): boolean {
  return key.kind === "scalar" && key.plain && key.text === "<<";
}
