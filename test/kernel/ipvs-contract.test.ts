import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { everyCapability } from "../../src/director/data-plane.ts";
import { casesFor } from "../contract/cases.ts";
import type { KernelCaseResult } from "./guest/ipvs-case.ts";
import { kernelCases } from "./guest/ipvs-kernel-cases.ts";
import { witnessCases } from "./guest/ipvs-witness-cases.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

const node = join(import.meta.dirname, "../../node_modules/.bin/node");
const program = join(import.meta.dirname, "guest/ipvs-contract-run.ts");

let guest: Guest;
beforeAll(async () => {
  guest = await bootGuest();
});
afterAll(() => guest?.close());

/** Runs all cases of a suite in the guest, then reports each as a test of its own. */
function guestSuite(title: string, suite: string, names: readonly string[]): void {
  describe(title, () => {
    let results: Map<string, KernelCaseResult>;
    beforeAll(async () => {
      const environment = ["LBCTL_TEST_LONG", "LBCTL_SEED"].flatMap((name) =>
        process.env[name] === undefined ? [] : `${name}=${process.env[name]} `,
      );
      const output = await guest.sh(`${environment.join("")}"${node}" "${program}" ${suite}`, { timeoutMs: 170_000 });
      results = new Map((JSON.parse(output) as KernelCaseResult[]).map((result) => [result.name, result]));
    });
    test.each(names)("%s", (name) => {
      const result = results.get(name);
      if (result === undefined) throw new Error("the guest did not run this case");
      if (result.error !== null) throw new Error(`in the guest: ${result.error}`);
    });
  });
}

guestSuite(
  "contract of an IPVS table: Linux",
  "contract",
  casesFor(everyCapability, true).map((one) => one.name),
);
guestSuite(
  "ipvsadm as witness",
  "witness",
  witnessCases.map((one) => one.name),
);
guestSuite(
  "only a real kernel",
  "kernel",
  kernelCases.map((one) => one.name),
);
