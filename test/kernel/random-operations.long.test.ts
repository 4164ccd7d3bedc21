import { afterAll, beforeAll, expect, test } from "vitest";
import { runRandomOperations } from "./random-operations.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

let guest: Guest;
beforeAll(async () => {
  guest = await bootGuest();
});
afterAll(() => guest?.close());

test("1000 random operations under load", async () => {
  const seed = Number(process.env.LBCTL_SEED ?? 1);
  let count = 0;
  const { steps, requests } = await runRandomOperations(guest, seed, 1000, (text) => {
    if (++count % 50 === 0) console.log(text);
  });
  console.log(`seed ${seed}: ${steps.length} operations, ${requests} requests, none failed`);
  expect(steps).toHaveLength(1000);
}, 10_600_000);
