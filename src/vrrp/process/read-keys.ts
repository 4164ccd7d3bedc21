import { readFileSync } from "node:fs";
import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { type HmacKey, parseHmacKey, parseHmacKeyFile, prepareHmacKey } from "../packet/hmac-key.ts";

/** The HMAC keys of all instances, by instance and id. One that cannot be read is told and left out: what it signs is refused. */
export function readKeys(
  instances: readonly VrrpInstance[],
  onError: (message: string) => void,
): ReadonlyMap<string, ReadonlyMap<number, HmacKey>> {
  const all = new Map<string, ReadonlyMap<number, HmacKey>>();
  for (const { name, hmac } of instances) {
    if (hmac === null) continue;
    const keys = new Map<number, HmacKey>();
    for (const { id, key } of hmac.keys) {
      const octets = octetsOf(key);
      if ("problem" in octets) onError(`vrrp ${name}: key ${id} of auth_hmac cannot be used: ${octets.problem}`);
      else keys.set(id, prepareHmacKey(id, octets.octets));
    }
    all.set(name, keys);
  }
  return all;
}

function octetsOf(text: string): { readonly octets: Uint8Array } | { readonly problem: string } {
  const source = parseHmacKey(text);
  if (!("file" in source)) return source;
  try {
    return parseHmacKeyFile(readFileSync(source.file));
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
