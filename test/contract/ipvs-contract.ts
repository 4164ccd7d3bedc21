import { describe, test } from "vitest";
import { clientCases } from "./client-cases.ts";
import { applicable, type ContractCase, type ContractTarget, runCase } from "./contract-case.ts";
import { tableCases } from "./table-cases.ts";

export { type ContractTarget, runCase } from "./contract-case.ts";

/** Every case of the contract; those of `clientCases` need more than a data plane. */
export const contractCases: readonly ContractCase[] = [
  ...tableCases,
  ...clientCases.map((one) => ({ ...one, wholeClient: true })),
];

/** The cases that a target can be asked. */
export function casesFor(capabilities: ContractTarget["capabilities"], whole: boolean): readonly ContractCase[] {
  return contractCases.filter((one) => applicable(one, { capabilities, whole }));
}

/**
 * Registers the contract as tests. `whole` says whether the target has an IpvsClient; without it only what every data
 * plane must do is asked, within the capabilities it declares.
 */
export function ipvsContract(target: ContractTarget, { whole }: { readonly whole: boolean }): void {
  describe(`contract of an IPVS table: ${target.name}`, () => {
    for (const one of casesFor(target.capabilities, whole)) test(one.name, () => runCase(one, target));
  });
}
