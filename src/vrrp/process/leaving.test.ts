import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Leaving } from "./leaving.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const isSettled = async (promise: Promise<void>) => {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return settled;
};

test("is over when the last of them has left", async () => {
  let masters = 2;
  const leaving = new Leaving(() => masters > 0);
  const over = leaving.over(1_000);
  masters = 1;
  leaving.look();
  expect(await isSettled(over)).toBe(false);
  masters = 0;
  leaving.look();
  await over;
});

test("is over at once where none leaves, and after a while where nobody takes over", async () => {
  await new Leaving(() => false).over(1_000);
  const over = new Leaving(() => true).over(1_000);
  await vi.advanceTimersByTimeAsync(999);
  expect(await isSettled(over)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await over;
});
