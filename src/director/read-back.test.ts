import type { ServiceKey } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import { ReadBack, sliceServices } from "./read-back.ts";

const keys = (count: number): ServiceKey[] =>
  Array.from({ length: count }, (_, index) => ({ kind: "fwmark", family: "inet", fwmark: index + 1 }));

describe("ReadBack", () => {
  test.each([0, 1, sliceServices, sliceServices + 1, 10_000])("reads each of %i services once per period", (count) => {
    const readBack = new ReadBack();
    const periodMs = 10_000;
    const slices = Math.max(1, Math.floor(periodMs / readBack.intervalMs(count, periodMs)));
    const seen = new Set<ServiceKey>();
    const all = keys(count);
    for (let slice = 0; slice < slices; slice++) for (const key of readBack.next(() => all)) seen.add(key);
    expect(seen.size).toBe(count);
  });

  test("asks for the keys once per cycle", () => {
    const readBack = new ReadBack();
    let asked = 0;
    const all = keys(sliceServices * 3);
    for (let slice = 0; slice < 6; slice++) {
      readBack.next(() => {
        asked += 1;
        return all;
      });
    }
    expect(asked).toBe(2);
  });
});
