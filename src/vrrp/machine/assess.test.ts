import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Track, Tracks } from "../../config/vrrp-model.ts";
import { assess, type TrackedValue } from "./assess.ts";
import { describeFault, describeSum } from "./describe.ts";

const none: Tracks = { interfaces: [], scripts: [], files: [], processes: [], bfds: [], virtualServers: [] };
const track = (weight: number, reverse = false, name = "x"): Track => ({ name, weight, reverse });
const scripts = (...list: Track[]): Tracks => ({ ...none, scripts: list });
const is = (value: TrackedValue | null) => () => value;

const priorityOf = (base: number, tracks: Tracks, value: TrackedValue | null) =>
  assess({ basePriority: base, tracks }, null, is(value)).priority;

// As keepalived 2.2.7 logs it for a script that succeeds and for one that fails.
test.each([
  ["up", 10, false, 110],
  ["up", -10, false, 100],
  ["up", 10, true, 90],
  ["up", -10, true, 100],
  ["down", 10, false, 100],
  ["down", -10, false, 90],
  ["down", 10, true, 100],
  ["down", -10, true, 110],
] as const)("%s with weight %i, reverse %s: %i", (value, weight, reverse, priority) =>
  expect(priorityOf(100, scripts(track(weight, reverse)), value)).toBe(priority),
);

describe("weight 0", () => {
  test.each([
    ["up", false, []],
    ["down", false, ["script x is bad"]],
    ["up", true, ["script x is good (reverse)"]],
    ["down", true, []],
  ] as const)("%s, reverse %s", (value, reverse, faults) => {
    const result = assess({ basePriority: 100, tracks: scripts(track(0, reverse)) }, null, is(value));
    expect(result.faults.map(describeFault)).toEqual(faults);
    expect(result.priority).toBe(100);
  });
});

describe("a file", () => {
  const files = (weight: number, reverse = false): Tracks => ({ ...none, files: [track(weight, reverse)] });
  test.each([
    [3, 2, false, 106],
    [3, 2, true, 94],
    [-253, 1, false, 1],
    [1000, 1, false, 254],
  ])("%i with weight %i, reverse %s: %i", (value, weight, reverse, priority) =>
    expect(priorityOf(100, files(weight, reverse), value)).toBe(priority),
  );

  test("below -253 is a fault, and leaves the priority alone", () => {
    const result = assess({ basePriority: 100, tracks: files(2) }, null, is(-127));
    expect(result.faults.map(describeFault)).toEqual(["file x yields -254, below -253"]);
    expect(result.priority).toBe(100);
  });

  test("with weight 0 anything but 0 is a fault, with reverse 0 is", () => {
    const faults = (value: number, reverse: boolean) =>
      assess({ basePriority: 100, tracks: files(0, reverse) }, null, is(value)).faults.length;
    expect([faults(0, false), faults(-1, false), faults(0, true), faults(5, true)]).toEqual([0, 1, 1, 0]);
  });
});

test("the owner's priority is fixed, its faults are not", () => {
  const tracks = scripts(track(-100), track(0, false, "y"));
  const result = assess({ basePriority: 255, tracks }, null, is("down"));
  expect(result.priority).toBe(255);
  expect(result.faults).toHaveLength(1);
  expect(result.contributions).toEqual([
    { source: { kind: "script", name: "x" }, weight: -100, reverse: false, ofGroup: false, active: false, adds: 0 },
  ]);
});

test("what nothing is known of changes nothing", () =>
  expect(assess({ basePriority: 100, tracks: scripts(track(-5), track(0, false, "y")) }, null, is(null))).toMatchObject(
    {
      priority: 100,
      faults: [],
    },
  ));

test("what a group tracks counts for its members, beside what they track themselves", () => {
  const instance = { basePriority: 100, tracks: scripts(track(-5, false, "a")) };
  expect(assess(instance, scripts(track(-7, false, "g")), is("down")).priority).toBe(88);
});

test("the sum says what it is made of", () => {
  const { contributions } = assess(
    { basePriority: 101, tracks: scripts(track(-5, false, "nginx"), track(3)) },
    null,
    is("down"),
  );
  expect(describeSum(101, contributions)).toBe("101 - 5 for script nginx");
});

test("whatever fails and recovers: within 1 to 254, and the same as from scratch", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 254 }),
      fc.array(
        fc.record({
          name: fc.constantFrom("a", "b", "c", "d"),
          weight: fc.integer({ min: -253, max: 253 }),
          reverse: fc.boolean(),
        }),
      ),
      fc.array(fc.constantFrom("up", "down" as const), { minLength: 1 }),
      (basePriority, list, history) => {
        const instance = { basePriority, tracks: scripts(...list) };
        const results = history.map((value) => assess(instance, null, is(value)));
        for (const { priority } of results) expect(priority >= 1 && priority <= 254).toBe(true);
        expect(results.at(-1)).toEqual(assess(instance, null, is(history.at(-1) ?? "up")));
      },
    ),
  ));
