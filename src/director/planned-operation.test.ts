import type { TableOperation } from "ipvs-netlink";
import { expect, test } from "vitest";
import { withFound } from "./planned-operation.ts";
import { MemoryTable } from "./testing/memory-table.ts";
import { destination, service } from "./testing/samples.ts";

test("each operation is paired with what the table holds of its very object", () => {
  const key = service().key;
  const other = service({ port: 81 });
  const table = new MemoryTable();
  table.apply({ kind: "new-service", service: service({ scheduler: "rr" }) });
  table.apply({ kind: "new-destination", key, destination: destination(1, { weight: 7 }) });
  table.apply({ kind: "new-destination", key, destination: destination(2) });
  const operations: TableOperation[] = [
    { kind: "new-service", service: other },
    { kind: "new-destination", key: other.key, destination: destination(1) },
    { kind: "set-service", service: service() },
    { kind: "set-destination", key, destination: destination(1, { weight: 3 }) },
    { kind: "new-destination", key, destination: destination(3) },
    { kind: "del-destination", key, destination: destination(2) },
    { kind: "del-service", key },
  ];
  const planned = withFound(operations, table.entries());
  expect(planned.map(({ operation }) => operation)).toEqual(operations);
  expect(planned.map(({ found }) => found)).toMatchObject([
    null,
    null,
    { scheduler: "rr" },
    { weight: 7 },
    null,
    { address: "10.0.0.2", weight: 1 },
    { key },
  ]);
});
