/** YAML as the source tree needs it: the shape of the text, every scalar as the text that was written. Offsets are UTF-16 units. */
export type YamlNode = YamlScalar | YamlMap | YamlList | YamlAlias;

interface Placed {
  readonly start: number;
  readonly end: number;
  /** Name given with "&"; null for none. */
  readonly anchor: string | null;
}

export interface YamlScalar extends Placed {
  readonly kind: "scalar";
  readonly text: string;
  /** Without quotes, so that it may be YAML's null. */
  readonly plain: boolean;
}

export interface YamlPair {
  readonly key: YamlNode;
  readonly value: YamlNode | null;
}

export interface YamlMap extends Placed {
  readonly kind: "map";
  readonly pairs: readonly YamlPair[];
}

export interface YamlList extends Placed {
  readonly kind: "list";
  readonly items: readonly YamlNode[];
}

export interface YamlAlias extends Placed {
  readonly kind: "alias";
  readonly name: string;
}

const nulls: readonly string[] = ["", "~", "null", "Null", "NULL"];

/** YAML's null: nothing, "~" or "null" without quotes. */
export function isNull(node: YamlNode): boolean {
  return node.kind === "scalar" && node.plain && nulls.includes(node.text);
}

/** Where a block map ends: with its last value, or its last key when that has none. */
export function endOfPairs(pairs: readonly YamlPair[], otherwise: number): number {
  const last = pairs.at(-1);
  return last === undefined ? otherwise : (last.value ?? last.key).end;
}
