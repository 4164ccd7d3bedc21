import fc from "fast-check";
import { type Destination, endpointText, type ServiceKey, serviceKeyText, type TableOperation } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import type { DesiredEntry } from "./desired.ts";
import { diff } from "./diff.ts";
import { MemoryTable } from "./testing/memory-table.ts";
import { destination, service } from "./testing/samples.ts";

const ports = fc.integer({ min: 1, max: 5 });
const destinations = fc.uniqueArray(
  fc.record({
    last: fc.integer({ min: 1, max: 5 }),
    weight: fc.integer({ min: 0, max: 3 }),
    method: fc.constantFrom<Destination["method"]>("NAT", "DR"),
  }),
  { maxLength: 4, selector: ({ last }) => last },
);
const tables = fc.uniqueArray(
  fc.record({ port: ports, scheduler: fc.constantFrom("rr", "wrr", "sh"), destinations }).map(
    ({ port, scheduler, destinations }): DesiredEntry => ({
      service: service({ scheduler, key: { kind: "address", protocol: "TCP", address: "192.0.2.1", port } }),
      destinations: destinations.map(({ last, ...rest }) => destination(last, rest)),
    }),
  ),
  { maxLength: 5, selector: ({ service }) => serviceKeyText(service.key) },
);
const ownership = fc
  .uniqueArray(ports)
  .map((owned) => (key: ServiceKey) => key.kind === "address" && owned.includes(key.port));

function tableOf(entries: readonly DesiredEntry[]): MemoryTable {
  const table = new MemoryTable();
  for (const { service, destinations } of entries) {
    table.apply({ kind: "new-service", service });
    for (const one of destinations) table.apply({ kind: "new-destination", key: service.key, destination: one });
  }
  return table;
}

/** Comparable content: settings by service and destination, without order and counters. */
function contentOf(table: MemoryTable) {
  return Object.fromEntries(
    table.entries().map((entry) => [
      serviceKeyText(entry.service.key),
      {
        scheduler: entry.service.scheduler,
        destinations: Object.fromEntries(
          entry.destinations.map((one) => [endpointText(one), `${one.method} ${one.weight}`]),
        ),
      },
    ]),
  );
}

const carrying = (table: MemoryTable, key: ServiceKey) =>
  table
    .entry(serviceKeyText(key))
    ?.destinations.filter(({ weight }) => weight > 0)
    .map(endpointText);

describe("diff, properties", () => {
  test("applied, it reaches the desired table and leaves the rest alone; no operation fails", () =>
    fc.assert(
      fc.property(tables, tables, ownership, (wanted, found, isOwned) => {
        const table = tableOf(found);
        const before = contentOf(table);
        for (const operation of diff(wanted, table.entries(), isOwned))
          expect(table.apply(operation)).toEqual({ ok: true });
        const foreign = Object.fromEntries(
          found
            .map(({ service }) => service.key)
            .filter(
              (key) => !isOwned(key) && !wanted.some((w) => serviceKeyText(w.service.key) === serviceKeyText(key)),
            )
            .map((key) => [serviceKeyText(key), before[serviceKeyText(key)]]),
        );
        expect(contentOf(table)).toEqual({ ...contentOf(tableOf(wanted)), ...foreign });
      }),
    ));

  test("of an equal table it is empty, whatever the order of the entries", () =>
    fc.assert(
      fc.property(tables, ownership, (wanted, isOwned) => {
        const reversed = [...wanted]
          .reverse()
          .map((entry) => ({ ...entry, destinations: [...entry.destinations].reverse() }));
        const others = tableOf(reversed).entries();
        expect(diff(wanted, others, isOwned)).toEqual([]);
      }),
    ));

  test("is minimal: one operation per object that differs, none for what goes with its service", () =>
    fc.assert(
      fc.property(tables, tables, (wanted, found) => {
        const operations = diff(wanted, tableOf(found).entries(), () => true);
        const objects = operations.map((operation) => JSON.stringify(objectKey(operation)));
        expect(new Set(objects).size).toBe(objects.length);
        const before = contentOf(tableOf(found));
        const after = contentOf(tableOf(wanted));
        let differing = 0;
        for (const text of new Set([...Object.keys(before), ...Object.keys(after)])) {
          const [was, is] = [before[text], after[text]];
          if (was?.scheduler !== is?.scheduler) differing += 1;
          if (is === undefined) continue;
          for (const one of new Set([...Object.keys(was?.destinations ?? {}), ...Object.keys(is.destinations)])) {
            if (was?.destinations[one] !== is.destinations[one]) differing += 1;
          }
        }
        expect(operations).toHaveLength(differing);
      }),
    ));

  test("every prefix is safe", () =>
    fc.assert(
      fc.property(tables, tables, (wanted, found) => {
        const table = tableOf(found);
        const start = new Map(
          found.map(({ service }) => [serviceKeyText(service.key), carrying(table, service.key) ?? []]),
        );
        let servicesGone = 0;
        for (const operation of diff(wanted, table.entries(), () => true)) {
          // A service that moves to another key: all that are new stand before the first old one goes.
          if (operation.kind === "del-service") servicesGone += 1;
          if (operation.kind === "new-service" || operation.kind === "new-destination") expect(servicesGone).toBe(0);
          table.apply(operation);
          for (const { service, destinations } of wanted) {
            const before = start.get(serviceKeyText(service.key)) ?? [];
            const live = destinations.filter(({ weight }) => weight > 0).map(endpointText);
            const now = carrying(table, service.key) ?? [];
            // What carries traffic before and after does so throughout.
            for (const text of before) if (live.includes(text)) expect(now).toContain(text);
            // The last one out leaves after its replacement is in.
            if (before.length > 0 && live.length > 0) expect(now.length).toBeGreaterThan(0);
            // Nothing carries traffic that neither did nor shall.
            for (const text of now) expect([...before, ...live]).toContain(text);
            // While something is on its way out, all that is to carry traffic does.
            if (before.some((text) => !now.includes(text))) for (const text of live) expect(now).toContain(text);
          }
        }
      }),
    ));
});

function objectKey(operation: TableOperation) {
  if (operation.kind === "new-service" || operation.kind === "set-service") return [operation.service.key];
  if (operation.kind === "del-service") return [operation.key];
  return [operation.key, endpointText(operation.destination)];
}

describe("diff", () => {
  test("takes linear time, also for one service with many destinations", () => {
    const cpuMsOf = (count: number) => {
      const entry: DesiredEntry = {
        service: service(),
        destinations: Array.from({ length: count }, (_, index) => destination(1, { port: index + 1 })),
      };
      const actual = tableOf([entry]).entries();
      const runs = Array.from({ length: 7 }, () => {
        const before = process.cpuUsage();
        expect(diff([entry], actual, () => true)).toEqual([]);
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1000;
      });
      return Math.min(...runs);
    };
    cpuMsOf(4_000);
    // Eight times as many: 8 if linear, 64 if quadratic.
    expect(cpuMsOf(32_000)).toBeLessThan((cpuMsOf(4_000) + 1) * 30);
  });
});
