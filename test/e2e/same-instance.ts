import { expect } from "vitest";
import type { VrrpInstanceStatus } from "../../src/control/status-document.ts";

/** Each process works out by itself when it was by the wall clock, to the millisecond. */
const roundingMs = 1_000;

/** Everything but the counters is as it was, since when it is so included. */
export function expectSameInstance(after: VrrpInstanceStatus, before: VrrpInstanceStatus): void {
  expect(timeless(after)).toEqual(timeless(before));
  for (const moment of [(each: VrrpInstanceStatus) => each.since, (each: VrrpInstanceStatus) => each.master?.seen_at]) {
    const [is, was] = [moment(after), moment(before)].map((text) => (text === undefined ? 0 : Date.parse(text)));
    expect(Math.abs((is ?? 0) - (was ?? 0))).toBeLessThan(roundingMs);
  }
}

function timeless(instance: VrrpInstanceStatus): object {
  const { address, priority } = instance.master ?? {};
  return { ...instance, counters: null, since: null, master: { address, priority } };
}
