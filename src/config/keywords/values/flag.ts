import { invalid, type ValueType, valid } from "../value-type.ts";

const words: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["on", true],
  ["yes", true],
  ["false", false],
  ["off", false],
  ["no", false],
]);

/** On when the keyword stands alone. */
export const flag: ValueType<boolean> = {
  name: "flag",
  expected: "true or false, or nothing for true",
  shape: "optional",
  parse: ([word, ...more]) => {
    if (more.length > 0) return { ok: false, code: "too-many-values", word: 1, hint: null };
    if (word === undefined) return valid(true);
    const value = words.get(word.toLowerCase());
    return value === undefined ? invalid() : valid(value);
  },
  format: String,
  input: (z) => z.union([z.boolean(), z.null(), z.enum(["true", "false", "on", "off", "yes", "no"])]),
};
