import { expect, test } from "vitest";
import { runDirectorOperations } from "./director-operations.ts";

test("1000 random operations of the director on the kernel end in the table that the pure model says", async () => {
  const { compared } = await runDirectorOperations(Number(process.env.LBCTL_SEED ?? 1), 1000);
  expect(compared).toBeGreaterThan(300);
}, 1_200_000);
