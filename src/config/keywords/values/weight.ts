import { further, invalid, missing, type ParsedValue, tooMany, type ValueType, valid } from "../value-type.ts";
import { signedInteger } from "./integer.ts";

export interface Weight {
  readonly weight: number;
  /** Counts the other way round. */
  readonly reverse: boolean;
}

/** `-10..10 [reverse]`: what a tracked thing does to a priority. */
export function weight(limit: number): ValueType<Weight> {
  const number = signedInteger(-limit, limit);
  return {
    name: `weight ${-limit}..${limit} [reverse]`,
    expected: `a weight from ${-limit} to ${limit}, then perhaps "reverse"`,
    shape: "words",
    fields: ["weight", "reverse"],
    parse: ([word, ...more]) => {
      if (word === undefined) return missing();
      const parsed = number.parse([word]);
      if (!parsed.ok) return parsed;
      if (more.length > 1) return tooMany(2);
      const reverse = reverseOf(more[0]);
      return reverse === null ? invalid('"reverse" or nothing', 1) : valid({ weight: parsed.value, reverse });
    },
    format: (value) => `${value.weight}${value.reverse ? " reverse" : ""}`,
    input(z) {
      return z.union([number.input(z), z.string().regex(/^[-+]?[0-9]+(?:\s+(?:no)?reverse)?$/)]);
    },
  };
}

function reverseOf(word: string | undefined): boolean | null {
  if (word === undefined || word === "noreverse") return false;
  return word === "reverse" ? true : null;
}

export interface Tracked {
  readonly name: string;
  /** Null: the weight that the tracked thing has of itself. */
  readonly weight: number | null;
  readonly reverse: boolean | null;
}

/** `eth1 [weight 10 [reverse]]`: a line of a block that tracks something. */
export function tracked(limit: number): ValueType<Tracked> {
  const own = weight(limit);
  return {
    name: `name [weight ${-limit}..${limit} [reverse | noreverse]]`,
    expected: `a name, then perhaps "weight" with a number from ${-limit} to ${limit}`,
    shape: "words",
    parse: (words): ParsedValue<Tracked> => {
      const [name, keyword, ...rest] = words;
      if (name === undefined) return missing();
      if (keyword === undefined) return valid({ name, weight: null, reverse: null });
      if (keyword !== "weight") return invalid('"weight" or nothing follows the name', 1);
      const parsed = own.parse(rest);
      if (!parsed.ok)
        return parsed.code === "missing-value" ? invalid('"weight" takes a number', 1) : further(parsed, 2);
      return valid({ name, weight: parsed.value.weight, reverse: rest[1] === undefined ? null : parsed.value.reverse });
    },
    format: (value) => {
      const { name, weight: number, reverse } = value;
      if (number === null) return name;
      return `${name} weight ${number}${reverse === null ? "" : reverse ? " reverse" : " noreverse"}`;
    },
    input(z) {
      return z.string();
    },
  };
}
