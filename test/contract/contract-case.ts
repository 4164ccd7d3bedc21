import assert from "node:assert/strict";
import type { IpvsClient, OperationResult, TableOperation } from "ipvs-netlink";
import type { Capabilities, DataPlane } from "../../src/director/data-plane.ts";

/** What a contract case talks to: empty when the case begins. */
export interface ContractContext {
  readonly plane: Pick<DataPlane, "dump" | "read" | "apply" | "close">;
  /** The same table with everything IPVS has beyond a data plane; null where there is nothing more. */
  readonly client: IpvsClient | null;
  readonly capabilities: Capabilities;
  /** Where services and destinations may be: a forwarder must be able to listen there. */
  readonly place: ContractPlace;
}

export interface ContractPlace {
  readonly inet: string;
  readonly inet6: string;
  /** The first of a hundred ports. */
  readonly port: number;
}

/** Something that holds an IPVS table. */
export interface ContractTarget {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly place: ContractPlace;
  open(): Promise<Pick<ContractContext, "plane" | "client">>;
}

export interface ContractCase {
  readonly name: string;
  /** Whether a target with these capabilities can be asked; default always. */
  needs?(capabilities: Capabilities): boolean;
  /** Needs the whole IpvsClient. */
  readonly wholeClient?: boolean;
  run(context: ContractContext): Promise<void>;
}

/** Whether a target can be asked; `whole` says that it has an IpvsClient. */
export function applicable(
  test: ContractCase,
  { capabilities, whole }: { readonly capabilities: Capabilities; readonly whole: boolean },
): boolean {
  return (test.needs?.(capabilities) ?? true) && (whole || !test.wholeClient);
}

/** Runs one case on a table emptied first. */
export async function runCase(test: ContractCase, target: ContractTarget): Promise<void> {
  const { plane, client } = await target.open();
  try {
    await empty(plane);
    await test.run({ plane, client, capabilities: target.capabilities, place: target.place });
  } finally {
    await plane.close();
  }
}

async function empty(plane: ContractContext["plane"]): Promise<void> {
  const operations = (await plane.dump()).map(({ service: { key } }): TableOperation => ({ kind: "del-service", key }));
  assertAllOk(operations, await plane.apply(operations));
}

export function assertAllOk(operations: readonly TableOperation[], results: readonly OperationResult[]): void {
  assert.equal(results.length, operations.length);
  for (const [index, result] of results.entries()) {
    assert.ok(result.ok, `operation ${index}: ${result.ok ? "" : result.message}`);
  }
}

/** "ok" or the errno of each result. */
export function outcomes(results: readonly OperationResult[]): string[] {
  return results.map((result) => (result.ok ? "ok" : result.errno));
}
