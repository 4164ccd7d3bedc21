import { expect, test } from "vitest";
import type { DataPlane } from "./data-plane.ts";
import { Director } from "./director.ts";
import { ManualTime } from "./testing/manual-time.ts";
import { MemoryDataPlane } from "./testing/memory-data-plane.ts";
import { memoryRecords } from "./testing/memory-records.ts";
import { MemoryTable } from "./testing/memory-table.ts";
import { healthOf, model, service, virtualServer } from "./testing/samples.ts";

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
