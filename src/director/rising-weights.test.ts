import { expect, test } from "vitest";
import { Director } from "./director.ts";
import { ManualTime } from "./testing/manual-time.ts";
import { MemoryDataPlane } from "./testing/memory-data-plane.ts";
import { memoryRecords } from "./testing/memory-records.ts";
import { MemoryTable } from "./testing/memory-table.ts";
import { healthOf, model, realServer, virtualServer } from "./testing/samples.ts";

function rising() {
  const [table, records, time] = [new MemoryTable(), memoryRecords(), new ManualTime()];
  const realServers = [1, 2].map((last) => realServer(last, { weight: 100, slowStartMs: 60_000 }));
  const config = model([virtualServer({ realServers })]);
  const directorOn = () =>
    new Director({
      dataPlane: new MemoryDataPlane(table, time),
      records,
      clock: time,
      onEvents: () => {},
      onView: () => {},
    });
  const weight = () => table.entries()[0]?.destinations.find(({ address }) => address === "10.0.0.1")?.weight ?? null;
  const start = async (director: Director) =>
    time.until(director.start(config, await time.until(director.inherit(config))));
  const recover = (director: Director) => {
    const { key, state } = healthOf(1, "up");
    director.healthChanged([{ key, state: { ...state, recoveredEpochMs: time.now().epochMs } }]);
  };
  return { time, directorOn, weight, start, recover };
}

test("slow_start: a recovered real server rises by itself to its weight, with at most ten writes, also across a restart", async () => {
  const { time, directorOn, weight, start, recover } = rising();
  const first = directorOn();
  await start(first);
  expect(weight()).toBe(100);
  first.healthChanged([healthOf(1, "down")]);
  await time.advance(1000);
  expect(weight()).toBeNull();
  recover(first);
  const seen = new Set<number | null>();
  for (let s = 0; s < 32; s++) {
    await time.advance(1000);
    seen.add(weight());
  }
  expect([...seen]).toEqual([9, 18, 27, 36, 45, 55]);

  await time.until(first.stop("keep"));
  const second = directorOn();
  await start(second);
  expect(weight()).toBe(55);
  for (let s = 0; s < 30; s++) {
    await time.advance(1000);
    seen.add(weight());
  }
  expect([...seen]).toEqual([9, 18, 27, 36, 45, 55, 64, 73, 82, 91, 100]);
  await time.until(second.stop("keep"));
});

test.each([
  ["back", -3_600_000],
  ["forward", 3_600_000],
])("slow_start: a clock that is set %s by an hour keeps nobody at a part of its weight", async (_, byMs) => {
  const { time, directorOn, weight, start, recover } = rising();
  const director = directorOn();
  await start(director);
  director.healthChanged([healthOf(1, "down")]);
  await time.advance(1000);
  recover(director);
  await time.advance(10_000);
  expect(weight()).toBe(18);
  time.setWallClock(byMs);
  await time.advance(60_000);
  expect(weight()).toBe(100);
  await time.until(director.stop("keep"));
});
