/** Runs cases on the guest's own kernel and prints a JSON array of results. Argument: contract, witness or kernel. */
import { IpvsClient } from "ipvs-netlink";
import { everyCapability } from "../../../src/director/data-plane.ts";
import { casesFor, runCase } from "../../contract/cases.ts";
import { kernelPlace } from "../../contract/kernel-target.ts";
import type { KernelCase, KernelCaseResult } from "./ipvs-case.ts";
import { kernelCases } from "./ipvs-kernel-cases.ts";
import { witnessCases } from "./ipvs-witness-cases.ts";

const target = {
  name: "Linux",
  capabilities: everyCapability,
  place: kernelPlace,
  async open() {
    const client = await IpvsClient.open();
    return { plane: client, client };
  },
};

const suites: Record<string, readonly KernelCase[]> = {
  contract: casesFor(everyCapability, true).map((one) => ({ name: one.name, run: () => runCase(one, target) })),
  witness: witnessCases,
  kernel: kernelCases,
};

const results: KernelCaseResult[] = [];
for (const { name, run } of suites[process.argv[2] ?? ""] ?? []) {
  try {
    await run();
    results.push({ name, error: null });
  } catch (error) {
    results.push({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
console.log(JSON.stringify(results));
