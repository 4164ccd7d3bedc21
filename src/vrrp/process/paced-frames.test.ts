import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PacedFrames } from "./paced-frames.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const sent: string[] = [];
beforeEach(() => {
  sent.length = 0;
});
const one = { is: "one" };
const other = { is: "other" };
const frame = (owner: typeof one, name = owner.is) => ({ owner, send: () => void sent.push(name) });

test("without a pace everything goes out at once", () => {
  const frames = new PacedFrames();
  frames.add(frame(one), "eth0", 0);
  frames.add(frame(other), "eth0", 0);
  expect(sent).toEqual(["one", "other"]);
});

test("frames of one group wait for each other, those of another do not", () => {
  const frames = new PacedFrames();
  for (const name of ["a", "b"]) frames.add(frame(one, name), "eth0", 100_000);
  frames.add(frame(other, "c"), "eth1", 100_000);
  expect(sent).toEqual(["a", "c"]);
  expect([frames.isWaiting(one), frames.isWaiting(other)]).toEqual([true, false]);
  vi.advanceTimersByTime(100);
  expect(sent).toEqual(["a", "c", "b"]);
  expect(frames.isWaiting(one)).toBe(false);
  // Not before its turn, although nothing waits any more.
  frames.add(frame(one, "d"), "eth0", 100_000);
  expect(sent).toEqual(["a", "c", "b"]);
  vi.advanceTimersByTime(100);
  expect(sent).toEqual(["a", "c", "b", "d"]);
});

test("what an owner takes back is not sent, and no timer is left", () => {
  const frames = new PacedFrames();
  for (const owner of [one, other, one, other]) frames.add(frame(owner), "eth0", 100_000);
  frames.drop(one);
  vi.advanceTimersByTime(1000);
  expect(sent).toEqual(["one", "other", "other"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a timer that is early, as Node's are by a part of a millisecond, sends nothing before its time", () => {
  const early = vi.spyOn(performance, "now");
  early.mockReturnValue(1_000.9);
  const frames = new PacedFrames();
  for (const name of ["a", "b"]) frames.add(frame(one, name), "eth0", 1_500);
  early.mockReturnValue(1_002.1);
  vi.advanceTimersByTime(2);
  expect(sent).toEqual(["a"]);
  early.mockReturnValue(1_002.4);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual(["a", "b"]);
  early.mockRestore();
});
