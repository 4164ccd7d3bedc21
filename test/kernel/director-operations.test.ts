import { expect, test } from "vitest";
import { runDirectorOperations } from "./director-operations.ts";

test("60 random operations of the director on the kernel end in the table that the pure model says", async () => {
  const { compared } = await runDirectorOperations(Number(process.env.LBCTL_SEED ?? 1), 60);
  expect(compared).toBeGreaterThan(15);
}, 600_000);
