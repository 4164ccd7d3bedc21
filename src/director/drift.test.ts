import type { TableOperation } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import { driftsOf } from "./drift.ts";
import { MemoryTable } from "./testing/memory-table.ts";
import { destination, service } from "./testing/samples.ts";

const key = service().key;
const known = { service: service(), destinations: [destination(1)] };

function found(...destinations: ReturnType<typeof destination>[]) {
  const table = new MemoryTable();
  table.apply({ kind: "new-service", service: service() });
  for (const one of destinations) table.apply({ kind: "new-destination", key, destination: one });
  return table.entries()[0] ?? null;
}

const set = (weight: number): TableOperation => ({
  kind: "set-destination",
  key,
  destination: destination(1, { weight }),
});

describe("driftsOf", () => {
  test("a difference to what we wrote is drift, a difference we ask for is not", () => {
    expect(driftsOf([set(2)], found(destination(1)), known)).toEqual([]);
    expect(driftsOf([set(2)], found(destination(1, { weight: 9 })), known)).toMatchObject([
      { found: { weight: 9 }, wanted: { weight: 2 }, operation: "set-destination" },
    ]);
  });

  test("a stray destination is drift, one of an earlier configuration is not", () => {
    const remove = (last: number): TableOperation => ({ kind: "del-destination", key, destination: destination(last) });
    expect(driftsOf([remove(1)], found(destination(1)), known)).toEqual([]);
    expect(driftsOf([remove(5)], found(destination(1), destination(5)), known)).toHaveLength(1);
  });

  test("a service that is gone is one drift, with all it held", () => {
    const operations: TableOperation[] = [
      { kind: "new-service", service: service() },
      { kind: "new-destination", key, destination: destination(1) },
    ];
    expect(driftsOf(operations, null, known)).toMatchObject([{ object: { destination: null }, found: null }]);
    expect(driftsOf(operations, null, null)).toEqual([]);
  });

  test("what we never saw is no drift", () => expect(driftsOf([set(2)], found(destination(1)), undefined)).toEqual([]));
});
