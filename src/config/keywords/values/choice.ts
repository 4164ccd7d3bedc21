import { type ZodType, z } from "zod";
import { nearest } from "../../suggest.ts";
import { invalid, oneWord, type ValueType, valid } from "../value-type.ts";

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
    input: inputSchema(members),
  };
}

/** YAML reads some members as numbers (1.1): editors see those. */
function inputSchema(members: readonly string[]): ZodType {
  const numbers = members.map(Number).filter((number) => !Number.isNaN(number));
  return numbers.length === 0 ? z.enum(members) : z.union([z.enum(members), z.literal(numbers)]);
}
