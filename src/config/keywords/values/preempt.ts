import { nearest } from "../../suggest.ts";
import { invalid, type ParsedValue, tooMany, type ValueType, valid } from "../value-type.ts";
import { flag } from "./flag.ts";

/** What a backup does about a master of lower priority. */
export type Preempt = "always" | "never" | "on_failure";

/** A flag, or ours: on_failure. */
export const preempt: ValueType<Preempt> = {
  name: "flag | on_failure",
  expected: "true, false or on_failure, or nothing for true",
  shape: "optional",
  parse: (words): ParsedValue<Preempt> => {
    if (words.length > 1) return tooMany(1);
    if (words[0] === "on_failure") return valid("on_failure");
    const parsed = flag.parse(words);
    if (parsed.ok) return valid(parsed.value ? "always" : "never");
    return invalid(nearest(words[0] ?? "", ["on_failure"]) === null ? null : 'did you mean "on_failure"?');
  },
  format: (value) => ({ always: "true", never: "false", on_failure: "on_failure" })[value],
  input: (z) => z.union([z.boolean(), z.null(), z.enum(["true", "false", "on", "off", "yes", "no", "on_failure"])]),
};
