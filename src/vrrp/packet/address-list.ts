import type { Rejection } from "./rejection.ts";

/** Compares the addresses of an advert with ours; their order does not count. */
export function addressListProblem(ours: readonly string[], theirs: readonly string[]): Rejection | null {
  if (ours.length === theirs.length && ours.every((address, at) => address === theirs[at])) return null;
  const missing = without(ours, theirs);
  const unexpected = without(theirs, ours);
  return missing.length === 0 && unexpected.length === 0 && ours.length === theirs.length
    ? null
    : { kind: "address-list", missing, unexpected };
}

function without(addresses: readonly string[], others: readonly string[]): string[] {
  const excluded = new Set(others);
  return addresses.filter((address) => !excluded.has(address));
}
