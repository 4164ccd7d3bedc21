import { afterAll, beforeAll, expect, test } from "vitest";
import { runRandomOperations } from "./random-operations.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

let guest: Guest;
beforeAll(async () => {
  guest = await bootGuest();
});
afterAll(() => guest?.close());

test("10 random operations under load end in the table that the configuration says, each of them", async () => {
  const { steps, requests } = await runRandomOperations(guest, Number(process.env.LBCTL_SEED ?? 1), 10);
  expect(steps).toHaveLength(10);
  expect(requests).toBeGreaterThan(100);
}, 600_000);
