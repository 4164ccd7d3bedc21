import type { ZodType } from "zod";
import { nearest } from "../../suggest.ts";
import { further, invalid, missing, oneWord, type ValueType, valid, type Zod } from "../value-type.ts";

/** One of a few words. keepalived minds the case of most of them; `anyCase` is for those where it does not. */
export function choice<const T extends string>(
  members: readonly [T, ...T[]],
  options: { readonly anyCase?: boolean } = {},
): ValueType<T> {
  const expected = members.length === 1 ? members[0] : `${members.slice(0, -1).join(", ")} or ${members.at(-1)}`;
  return {
    name: members.join(" | "),
    expected,
    shape: "word",
    parse: oneWord((word) => {
      const member = members.find((each) =>
        options.anyCase ? each.toLowerCase() === word.toLowerCase() : each === word,
      );
      if (member !== undefined) return valid(member);
      const suggestion = nearest(word, members);
      return invalid(suggestion === null ? null : `did you mean "${suggestion}"?`);
    }),
    format: String,
    input(z) {
      return inputSchema(z, members);
    },
  };
}

/** Some of a few words, each at most once. */
export function choices<const T extends string>(members: readonly [T, ...T[]]): ValueType<readonly T[]> {
  const one = choice(members);
  return {
    name: `some of ${members.join(", ")}`,
    expected: `some of ${members.join(", ")}`,
    shape: "words",
    parse: (words) => {
      if (words.length === 0) return missing();
      const chosen: T[] = [];
      for (const [index, word] of words.entries()) {
        const parsed = one.parse([word]);
        if (!parsed.ok) return further(parsed, index);
        if (chosen.includes(parsed.value)) return invalid(`${word} stands there twice`, index);
        chosen.push(parsed.value);
      }
      return valid(chosen);
    },
    format: (chosen) => chosen.join(" "),
    input(z) {
      return z.union([z.string(), z.array(z.enum(members))]);
    },
  };
}

/** YAML reads some members as numbers (1.1): editors see those. */
function inputSchema(z: Zod, members: readonly string[]): ZodType {
  const numbers = members.map(Number).filter((number) => !Number.isNaN(number));
  return numbers.length === 0 ? z.enum(members) : z.union([z.enum(members), z.literal(numbers)]);
}
