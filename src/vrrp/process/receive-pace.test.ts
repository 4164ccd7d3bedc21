import { expect, test } from "vitest";
import { ReceivePace } from "./receive-pace.ts";

function paced(): { readonly pace: ReceivePace; readonly told: boolean[] } {
  const told: boolean[] = [];
  return { pace: new ReceivePace((wakes) => void told.push(wakes)), told };
}

test("few arrivals wake, however long it goes on", () => {
  const { pace, told } = paced();
  for (let nowMs = 0; nowMs < 10_000; nowMs++) pace.arrived(nowMs);
  expect(told).toEqual([]);
  expect(pace.nextLookMs).toBe(Number.POSITIVE_INFINITY);
});

test("bursts of few wake-ups go on waking", () => {
  const { pace, told } = paced();
  for (let fromMs = 0; fromMs < 1_000; fromMs += 100) {
    for (let nth = 0; nth < 15; nth++) pace.arrived(fromMs + nth / 10);
  }
  expect(told).toEqual([]);
});

test("many arrivals are looked at by the clock until nothing comes", () => {
  const { pace, told } = paced();
  for (let nth = 0; nth < 16; nth++) pace.arrived(nth / 16);
  expect(told).toEqual([false]);
  for (let look = 0; look < 640; look++) {
    const nowMs = pace.nextLookMs;
    pace.looked(25, nowMs);
    expect(pace.nextLookMs).toBe(nowMs + 1);
  }
  expect(told).toEqual([false]);
  pace.looked(0, 1_000);
  expect(told).toEqual([false, true]);
  expect(pace.nextLookMs).toBe(Number.POSITIVE_INFINITY);
});

test("the first advert of the next burst is enough, until a burst is small", () => {
  const { pace, told } = paced();
  for (let nth = 0; nth < 16; nth++) pace.arrived(nth / 16);
  pace.looked(200, 2);
  pace.looked(0, 3);
  expect(told).toEqual([false, true]);
  pace.arrived(1_000);
  expect(told).toEqual([false, true, false]);
  expect(pace.nextLookMs).toBe(1_001);
  pace.looked(3, 1_001);
  pace.looked(0, 1_002);
  expect(told).toEqual([false, true, false, true]);
  for (let nowMs = 2_000; nowMs < 2_015; nowMs++) pace.arrived(nowMs);
  expect(told).toEqual([false, true, false, true]);
});

test("looks are so far apart as adverts allow", () => {
  for (const [advertMs, everyMs] of [
    [10, 1.25],
    [100, 12.5],
    [1000, 25],
  ] as const) {
    const { pace, told } = paced();
    pace.configure(advertMs);
    for (let nth = 0; nth < 16; nth++) pace.arrived((nth * everyMs) / 4);
    expect(told).toEqual([false]);
    pace.looked(4, 1_000);
    expect(pace.nextLookMs).toBe(1_000 + everyMs);
  }
});
