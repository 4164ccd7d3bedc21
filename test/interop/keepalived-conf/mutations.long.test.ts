import { describe, expect, test } from "vitest";
import { compareMutants } from "./compare-mutants.ts";
import { canAsk } from "./peer.ts";

const seed = Number(process.env.LBCTL_SEED ?? Date.now() % 2 ** 31);

describe.skipIf(!canAsk)("many damaged configurations (needs root)", () => {
  test.each([1, 2, 3, 4, 5, 6])(
    "round %i: lbctl takes none that keepalived complains about without saying why",
    async (round) => {
      const { takenSilently, refusedNowhere, slowest } = await compareMutants(4000, seed + round, "taken");
      expect(takenSilently, `LBCTL_SEED=${seed}`).toEqual([]);
      expect(refusedNowhere, `LBCTL_SEED=${seed}`).toEqual([]);
      expect(slowest.ms, slowest.how).toBeLessThan(10_000);
    },
    900_000,
  );
});
