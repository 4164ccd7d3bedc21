import { describe, test } from "vitest";
import { casesFor } from "./cases.ts";
import { type ContractTarget, runCase } from "./contract-case.ts";

/**
 * Registers the contract as tests. `whole` says whether the target has an IpvsClient; without it only what every data
 * plane must do is asked, within the capabilities it declares.
 */
export function ipvsContract(target: ContractTarget, { whole }: { readonly whole: boolean }): void {
  describe(`contract of an IPVS table: ${target.name}`, () => {
    for (const one of casesFor(target.capabilities, whole)) test(one.name, () => runCase(one, target));
  });
}
