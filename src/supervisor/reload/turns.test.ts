import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

/** A task that ends when it is told to, and says that it began. */
function held(log: string[], name: string) {
  const end = Promise.withResolvers<string>();
  const task = () => {
    log.push(name);
    return end.promise;
  };
  return { task, end: () => end.resolve(name), fail: () => end.reject(new Error(name)) };
}

test("one after the other, also behind one that fails", async () => {
  const log: string[] = [];
  const turns = new Turns();
  const [first, second] = [held(log, "first"), held(log, "second")];
  const failed = turns.take(first.task);
  const done = turns.take(second.task);
  await Promise.resolve();
  expect(log).toEqual(["first"]);
  first.fail();
  await expect(failed).rejects.toThrow("first");
  second.end();
  expect(await done).toBe("second");
  expect(log).toEqual(["first", "second"]);
  await turns.over;
});

test("what is asked for again before its turn is done once; what is asked for while it runs, once more", async () => {
  const turns = new Turns();
  let begun = 0;
  const reload = turns.shared(async () => {
    begun += 1;
    return begun;
  });
  const busy = held([], "busy");
  void turns.take(busy.task);
  const before = [reload(), reload(), reload()];
  expect(begun).toBe(0);
  busy.end();
  expect(await Promise.all(before)).toEqual([1, 1, 1]);
  expect(await reload()).toBe(2);
});

test("a shared task that failed is tried again when it is asked for again", async () => {
  const turns = new Turns();
  let begun = 0;
  const reload = turns.shared(async () => {
    begun += 1;
    if (begun === 1) throw new Error("refused");
  });
  await expect(Promise.all([reload(), reload()])).rejects.toThrow("refused");
  await reload();
  expect(begun).toBe(2);
});
