import { type Check, checkKey } from "@lbctl/checkers";
import type { Model } from "../config/model.ts";

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

/** Of all checks of a model; one that several real servers share comes as often. */
export function* checkKeysOf(model: Model): Generator<string> {
  for (const { realServers } of model.virtualServers) {
    for (const { checks } of realServers) for (const check of checks) yield keyOf(check);
  }
}
