import { afterAll, beforeAll, expect, test } from "vitest";
import { runRandomOperations } from "./random-operations.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

let guest: Guest;
beforeAll(async () => {
  guest = await bootGuest();
});
afterAll(() => guest?.close());

test("100 random operations under load end in the table that the pure model says", async () => {
  const { steps, requests } = await runRandomOperations(guest, Number(process.env.LBCTL_SEED ?? 1), 100);
  expect(steps).toHaveLength(100);
  expect(requests).toBeGreaterThan(100);
}, 1_800_000);
