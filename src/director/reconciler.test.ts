import { serviceKeyText } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import type { DataPlane } from "./data-plane.ts";
import { Director } from "./director.ts";
import type { DirectorEvent } from "./events.ts";
import { ManualTime } from "./testing/manual-time.ts";
import { MemoryDataPlane } from "./testing/memory-data-plane.ts";
import { memoryRecords } from "./testing/memory-records.ts";
import { MemoryTable } from "./testing/memory-table.ts";
import { healthOf, model, realServer, service, virtualServer } from "./testing/samples.ts";

const config = (count: number) =>
  model(
    Array.from({ length: count }, (_, index) =>
      virtualServer({ name: `vs${index}`, services: [service({ port: 80 + index })] }),
    ),
  );

/** What was read is on its way for a while, and may be out of date when it arrives. */
function answeringLate(plane: MemoryDataPlane, time: ManualTime): DataPlane {
  const late = async <T>(answer: Promise<T>): Promise<T> => {
    const found = structuredClone(await answer);
    await time.sleep(1);
    return found;
  };
  return {
    name: plane.name,
    capabilities: plane.capabilities,
    control: null,
    dump: () => late(plane.dump()),
    read: (keys) => late(plane.read(keys)),
    apply: (operations) => late(plane.apply(operations)),
    close: () => plane.close(),
  };
}

// Found by random operations on a real kernel. A pass takes a few milliseconds here: read, write, read.
test.each([1, 300])(
  "of %i services: what is asked for while a pass runs is answered by a later one, which reads again",
  async (count) => {
    for (let delayMs = 0; delayMs <= 8; delayMs++) {
      const time = new ManualTime();
      const table = new MemoryTable();
      const dataPlane = answeringLate(new MemoryDataPlane(table, time), time);
      const records = memoryRecords();
      const director = new Director({ dataPlane, records, clock: time, onEvents: () => {}, onView: () => {} });
      await time.until(director.start(config(count), await time.until(director.inherit(config(count)))));
      if (count === 1) director.healthChanged([healthOf(1, "down")]);
      else void director.reconcile();
      await time.advance(delayMs);
      table.flush();
      const found = await time.until(director.reconcile().then(() => table.entries()));
      expect(found, `flushed after ${delayMs} ms`).toHaveLength(count);
      expect(found[0]?.destinations).toHaveLength(count === 1 ? 1 : 2);
    }
  },
);

describe("a service of many destinations", () => {
  async function lab() {
    const time = new ManualTime();
    const table = new MemoryTable();
    const dataPlane = new MemoryDataPlane(table, time);
    const records = memoryRecords();
    const events: DirectorEvent[] = [];
    const director = new Director({
      dataPlane,
      records,
      clock: time,
      onEvents: (batch) => events.push(...batch),
      onView: () => {},
      presumedFrom: 3,
    });
    const wanted = model([
      virtualServer({ services: [service()], realServers: [1, 2, 3, 4].map((n) => realServer(n)) }),
    ]);
    await time.until(director.start(wanted, await time.until(director.inherit(wanted))));
    dataPlane.takeSent();
    const { servicesRead: before } = dataPlane;
    const addresses = () =>
      table
        .entry(serviceKeyText(service().key))
        ?.destinations.map(({ address }) => address)
        .sort();
    return { time, table, dataPlane, director, events, addresses, readsSince: () => dataPlane.servicesRead - before };
  }

  test("is written at once when a real server fails, and read back later", async () => {
    const { time, dataPlane, director, addresses, readsSince } = await lab();
    director.healthChanged([healthOf(1, "down")]);
    await time.advance(5);
    expect(dataPlane.takeSent()).toEqual([
      { kind: "del-destination", key: service().key, destination: { address: "10.0.0.1", port: 80 } },
    ]);
    expect(addresses()).toEqual(["10.0.0.2", "10.0.0.3", "10.0.0.4"]);
    expect(readsSince()).toBe(0);
    await time.advance(10_000);
    expect(readsSince()).toBeGreaterThan(0);
    expect(dataPlane.takeSent()).toEqual([]);
  });

  test("is read where what was presumed is not so", async () => {
    const { time, table, director, events, addresses } = await lab();
    table.apply({ kind: "del-destination", key: service().key, destination: { address: "10.0.0.1", port: 80 } });
    table.apply({ kind: "del-destination", key: service().key, destination: { address: "10.0.0.2", port: 80 } });
    director.healthChanged([healthOf(1, "down")]);
    await time.advance(20);
    expect(addresses()).toEqual(["10.0.0.2", "10.0.0.3", "10.0.0.4"]);
    expect(events.filter(({ type }) => type === "drift_repaired")).toHaveLength(1);
    expect(events.filter(({ type }) => type === "refused")).toEqual([]);
  });

  test("is read when somebody asks for it meanwhile", async () => {
    const { time, table, director, readsSince, addresses } = await lab();
    table.apply({ kind: "del-destination", key: service().key, destination: { address: "10.0.0.2", port: 80 } });
    director.healthChanged([healthOf(1, "down")]);
    await time.until(director.reconcile());
    expect(readsSince()).toBeGreaterThan(0);
    expect(addresses()).toEqual(["10.0.0.2", "10.0.0.3", "10.0.0.4"]);
  });
});
