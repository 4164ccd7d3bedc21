import { describe, expect, test } from "vitest";
import { compareMutants } from "./compare-mutants.ts";
import { canAsk } from "./peer.ts";

// The same texts every time, unless somebody looks for new ones (mutations.long.test.ts does): what two programs make of
// garbage differs in ever new ways, and a run must not fail by chance.
const seed = Number(process.env.LBCTL_SEED ?? 102);

describe.skipIf(!canAsk)("damaged configurations, as keepalived -t and lbctl see them (needs root)", () => {
  test("lbctl survives them, and takes none that keepalived complains about without saying why", async () => {
    const { compared, agreed, takenSilently, refusedNowhere, slowest } = await compareMutants(600, seed, "all");
    expect(takenSilently, `LBCTL_SEED=${seed}`).toEqual([]);
    expect(refusedNowhere, `LBCTL_SEED=${seed}`).toEqual([]);
    // A bound against what never ends, not a measure.
    expect(slowest.ms, slowest.how).toBeLessThan(10_000);
    // Were most texts judged otherwise, the comparison would mean nothing.
    expect(agreed).toBeGreaterThan(compared * 0.8);
  }, 600_000);
});
