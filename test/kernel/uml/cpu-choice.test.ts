import { describe, expect, test } from "vitest";
import { chooseCpu, parseCpuList, parseCpuTicks, pickCpu } from "./cpu-choice.ts";

const stat = (...busyAndIdle: readonly (readonly [number, number])[]) =>
  parseCpuTicks(
    ["cpu  9 9 9 9", ...busyAndIdle.map(([busy, idle], cpu) => `cpu${cpu} ${busy} 0 0 ${idle} 0 0 0 0 0 0`)].join("\n"),
  );
const start = stat([100, 100], [100, 100], [100, 100]);

describe("pickCpu", () => {
  test("takes the preferred one among equals", () => {
    expect(pickCpu([0, 1, 2], start, stat([110, 110], [111, 109], [110, 110]), 1)).toBe(1);
    expect(pickCpu([0, 1, 2], start, stat([110, 110], [111, 109], [110, 110]), 5)).toBe(2);
  });

  test("leaves a busy one alone", () => {
    expect(pickCpu([0, 1, 2], start, stat([115, 105], [120, 100], [102, 118]), 1)).toBe(2);
  });

  test("keeps to those allowed", () => {
    expect(pickCpu([1], start, stat([100, 120], [120, 100], [100, 120]), 7)).toBe(1);
  });

  test("does without any measure", () => {
    expect(pickCpu([0, 1], new Map(), new Map(), 1)).toBe(1);
  });
});

test("parseCpuList", () => {
  expect(parseCpuList("0")).toEqual([0]);
  expect(parseCpuList("0-2,5,8-9")).toEqual([0, 1, 2, 5, 8, 9]);
});

test("parseCpuTicks leaves guest time out, which is part of user time, and waiting is not busy", () => {
  expect(parseCpuTicks("cpu  1 1 1 1\ncpu3 1 2 4 100 50 8 16 32 1000 1000\nintr 5").get(3)).toEqual({
    busy: 63,
    total: 213,
  });
});

test("chooseCpu finds one on this machine", async () => {
  expect(await chooseCpu(0)).toBeGreaterThanOrEqual(0);
});
