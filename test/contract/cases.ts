import { clientCases } from "./client-cases.ts";
import { applicable, type ContractCase, type ContractTarget } from "./contract-case.ts";
import { tableCases } from "./table-cases.ts";

export { runCase } from "./contract-case.ts";

/** Every case of the contract; those of `clientCases` need more than a data plane. */
export const contractCases: readonly ContractCase[] = [
  ...tableCases,
  ...clientCases.map((one) => ({ ...one, wholeClient: true })),
];

/** The cases that a target can be asked; `whole` says that it has an IpvsClient. */
export function casesFor(capabilities: ContractTarget["capabilities"], whole: boolean): readonly ContractCase[] {
  return contractCases.filter((one) => applicable(one, { capabilities, whole }));
}
