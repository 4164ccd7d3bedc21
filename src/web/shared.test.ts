import { expect, test } from "vitest";
import { Shared } from "./shared.ts";

test("made once for those who ask meanwhile and soon after", async () => {
  let made = 0;
  const shared = new Shared(120_000, async () => ++made);
  expect(await Promise.all([shared.get(), shared.get()])).toEqual([1, 1]);
  expect(await shared.get()).toBe(1);
});

test("made again when it is old", async () => {
  let made = 0;
  const shared = new Shared(0, async () => ++made);
  expect(await shared.get()).toBe(1);
  expect(await shared.get()).toBe(2);
});

test("a failure is not kept", async () => {
  let made = 0;
  const shared = new Shared(120_000, async () => {
    made += 1;
    if (made === 1) throw new Error("not now");
    return made;
  });
  await expect(shared.get()).rejects.toThrow("not now");
  expect(await shared.get()).toBe(2);
});
