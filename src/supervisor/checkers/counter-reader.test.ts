import type { ServiceEntry } from "ipvs-netlink";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DataPlane } from "../../director/data-plane.ts";
import { createLogger } from "../../log/logger.ts";
import { CounterReader } from "./counter-reader.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function reading() {
  const dumps: PromiseWithResolvers<readonly ServiceEntry[]>[] = [];
  const dump = () => {
    const next = Promise.withResolvers<readonly ServiceEntry[]>();
    dumps.push(next);
    return next.promise;
  };
  const warnings: string[] = [];
  const log = createLogger({
    sink: ({ severity, message }) => warnings.push(`${severity}: ${message}`),
    role: "supervisor",
    level: { severity: "info" },
    nowEpochMs: () => 0,
  });
  return { reader: new CounterReader({ dump } as DataPlane, log), dumps, warnings };
}

test("watchers at the same time share one reading, which stays fresh for half a second", async () => {
  const { reader, dumps } = reading();
  const [one, two] = [reader.read(), reader.read()];
  await vi.advanceTimersByTimeAsync(5_000);
  expect(dumps).toHaveLength(1);
  dumps[0]?.resolve([]);
  expect(await one).toBe(await two);
  await vi.advanceTimersByTimeAsync(499);
  expect(reader.read()).toBe(reader.read());
  expect(dumps).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  void reader.read();
  expect(dumps).toHaveLength(2);
});

test("without an answer there are no counters, and a warning; the next reading tries again", async () => {
  const { reader, dumps, warnings } = reading();
  const read = reader.read();
  dumps[0]?.reject(new Error("the data plane is gone"));
  expect(await read).toEqual([]);
  expect(warnings).toEqual(["warning: status without counters: the data plane is gone"]);
  await vi.advanceTimersByTimeAsync(500);
  const again = reader.read();
  dumps[1]?.resolve([]);
  await again;
  expect(warnings).toHaveLength(1);
});
