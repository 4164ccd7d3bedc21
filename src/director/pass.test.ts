import { serviceKeyText, type TableOperation } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import type { DesiredEntry } from "./desired.ts";
import type { DirectorEvent } from "./events.ts";
import { type PassContext, reconcile } from "./pass.ts";
import { Refusals } from "./refusals.ts";
import { ManualTime } from "./testing/manual-time.ts";
import { MemoryDataPlane } from "./testing/memory-data-plane.ts";
import { kernelLike, MemoryTable } from "./testing/memory-table.ts";
import { destination, service } from "./testing/samples.ts";

const key = service().key;
const text = serviceKeyText(key);

/** One pass over one service that should be `wanted`. */
function lab(wanted: DesiredEntry | null, { owned = true, local = [] as readonly string[] } = {}) {
  const time = new ManualTime();
  const table = new MemoryTable({ ...kernelLike, localAddresses: local });
  const dataPlane = new MemoryDataPlane(table, time);
  const events: DirectorEvent[] = [];
  const context: PassContext = {
    dataPlane,
    wanted: () => wanted,
    isOwned: () => owned,
    known: new Map(),
    refusals: new Refusals(),
    now: time.now,
    onEvents: (batch) => events.push(...batch),
  };
  const run = async () => {
    const outcome = (await time.until(reconcile([key], context))).get(text);
    return { outcome, sent: dataPlane.takeSent().map(({ kind }) => kind) };
  };
  return { table, dataPlane, context, events, run };
}

const entry: DesiredEntry = { service: service(), destinations: [destination(1), destination(2)] };
const create: TableOperation = { kind: "new-service", service: service() };

describe("reconcile", () => {
  test("leaves alone what is neither wanted nor owned, even when asked", async () => {
    const { table, run } = lab(null, { owned: false });
    table.apply(create);
    expect(await run()).toEqual({ outcome: undefined, sent: [] });
    expect(table.entries()).toHaveLength(1);
  });

  test("deletes what is owned and not wanted", async () => {
    const { table, run, context } = lab(null);
    table.apply(create);
    expect((await run()).sent).toEqual(["del-service"]);
    expect(table.entries()).toEqual([]);
    expect(context.known.get(text)).toBeNull();
  });

  test("verifies what it wrote, and then has nothing left to do", async () => {
    const { run, dataPlane } = lab(entry);
    expect((await run()).outcome).toEqual({
      applied: ["new-service", "new-destination", "new-destination"],
      refused: [],
      foundDestinations: null,
    });
    expect(dataPlane.servicesRead).toBe(1);
    expect((await run()).sent).toEqual([]);
  });

  test("an address of the director itself becomes LOCAL and stays unchanged", async () => {
    const { run, context } = lab(entry, { local: ["10.0.0.1"] });
    await run();
    expect((await run()).sent).toEqual([]);
    expect(context.refusals.list()).toEqual([]);
  });

  test("a refused service is one refusal, however many destinations", async () => {
    const { run, events } = lab({ ...entry, service: service({ scheduler: "twos" }) });
    expect((await run()).outcome?.refused).toMatchObject([{ object: text, errno: "ENOENT", attempts: 1 }]);
    expect(events).toMatchObject([{ type: "refused" }]);
  });

  test("a refused destination does not stop the others", async () => {
    const bad = destination(3, { upperThreshold: 1, lowerThreshold: 2 });
    const { run, table } = lab({ ...entry, destinations: [bad, ...entry.destinations] });
    expect((await run()).outcome?.refused).toMatchObject([{ errno: "ERANGE" }]);
    expect(table.entries()[0]?.destinations).toHaveLength(2);
  });

  test("a refused scheduler keeps the old one and does not stop the destinations", async () => {
    const { run, table } = lab({ ...entry, service: service({ scheduler: "twos" }) });
    table.apply(create);
    expect((await run()).outcome?.refused).toMatchObject([{ operation: "set-service" }]);
    expect(table.entries()[0]?.service.scheduler).toBe("wrr");
    expect(table.entries()[0]?.destinations).toHaveLength(2);
  });

  test("rejects with the data plane, and forgets what it was writing", async () => {
    const { run, dataPlane, context } = lab(entry);
    context.known.set(text, entry);
    dataPlane.faults.operationsLeft = 1;
    await expect(run()).rejects.toThrow("killed");
    expect(context.known.has(text)).toBe(false);
  });
});
