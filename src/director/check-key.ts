import { type Check, checkKey } from "@lbctl/checkers";

const keys = new WeakMap<Check, string>();

/** `checkKey`, worked out once per check of a model: every decision asks for it. */
export function keyOf(check: Check): string {
  let key = keys.get(check);
  if (key === undefined) {
    key = checkKey(check);
    keys.set(check, key);
  }
  return key;
}
