import type { CheckState } from "@lbctl/checkers";
import { expect, test } from "vitest";
import { keyOf } from "./check-key.ts";
import { Director } from "./director.ts";
import type { Override } from "./facts.ts";
import { ManualTime } from "./testing/manual-time.ts";
import { MemoryDataPlane } from "./testing/memory-data-plane.ts";
import { memoryRecords } from "./testing/memory-records.ts";
import { MemoryTable } from "./testing/memory-table.ts";
import { check, checkState, healthOf, model, realServer, virtualServer } from "./testing/samples.ts";

// A change is in the table at once and in the health snapshot half a second later. A process that dies between the two leaves a weight
// 0 of which the snapshot does not say why: what does its successor believe?

const config = (inhibitOnFailure: boolean) =>
  model([virtualServer({ realServers: [realServer(1, { inhibitOnFailure }), realServer(2)] })]);
type Change = (director: Director) => void;

/** Both pass and are settled, then the change is written, and the process dies. What the successor believes of the first, and does. */
async function afterCrash(change: Change, inhibit: boolean, overrides: ReadonlyMap<string, Override> = new Map()) {
  const [table, records, time] = [new MemoryTable(), memoryRecords(), new ManualTime()];
  const directorOn = (plane: MemoryDataPlane, said: ReadonlyMap<string, Override>) =>
    new Director({ dataPlane: plane, records, overrides: said, clock: time, onEvents: () => {}, onView: () => {} });
  const plane = new MemoryDataPlane(table, time);
  const first = directorOn(plane, new Map());
  const start = async (director: Director) => {
    const seeds = await time.until(director.inherit(config(inhibit)));
    await time.until(director.start(config(inhibit), seeds));
    return seeds;
  };
  await start(first);
  first.healthChanged([healthOf(1, "up"), healthOf(2, "up")]);
  await time.advance(1000);
  change(first);
  await time.advance(50);
  const left = weights(table);
  plane.faults.gone = "killed";

  const next = new MemoryDataPlane(table, time);
  const seeds = await start(directorOn(next, overrides));
  return { believes: seeds.get(keyOf(check(1)))?.health, left, writes: next.takeSent().length, table: weights(table) };
}

function weights(table: MemoryTable): number[] {
  return table.entries().flatMap(({ destinations }) => destinations.map(({ weight }) => weight));
}

const said = (override: Override) => new Map([["web 10.0.0.1:80", override]]);

test.each<[string, Override, boolean, number[]]>([
  ["drained, with inhibit_on_failure", { adminState: "drained", weight: null }, true, [0, 1]],
  ["drained", { adminState: "drained", weight: null }, false, [0, 1]],
  ["disabled, with inhibit_on_failure", { adminState: "disabled", weight: null }, true, [1]],
  ["disabled", { adminState: "disabled", weight: null }, false, [1]],
  ["of weight 0, with inhibit_on_failure", { adminState: "enabled", weight: 0 }, true, [0, 1]],
  ["of weight 0", { adminState: "enabled", weight: 0 }, false, [0, 1]],
])("one that an operator said is %s is still up", async (_, override, inhibit, left) => {
  const change: Change = (director) => void director.overridesChanged(said(override));
  const after = await afterCrash(change, inhibit, said(override));
  expect(after).toEqual({ believes: "up", left, writes: 0, table: left });
});

test("one that failed is down, with inhibit_on_failure and without", async () => {
  const change: Change = (director) => director.healthChanged([healthOf(1, "down")]);
  expect(await afterCrash(change, true)).toEqual({ believes: "down", left: [0, 1], writes: 0, table: [0, 1] });
  expect(await afterCrash(change, false)).toEqual({ believes: "down", left: [1], writes: 0, table: [1] });
});

test("one whose own check said weight 0 counts as failed with inhibit_on_failure: the table stays, the next check knows", async () => {
  const idle: CheckState = { ...checkState("up"), weight: 0 };
  const change: Change = (director) => director.healthChanged([{ key: keyOf(check(1)), state: idle }]);
  expect(await afterCrash(change, true)).toEqual({ believes: "down", left: [0, 1], writes: 0, table: [0, 1] });
});
