import type { OperationResult } from "ipvs-netlink";
import { actualObjects, type Listed } from "./actual.ts";
import { diff, type IsOurs, type PlannedWrite } from "./diff.ts";
import type { WantedObject } from "./network-object.ts";
import type { NetworkPlane } from "./network-plane.ts";

/** What is wanted, given what is there. */
export interface Wish {
  readonly wanted: readonly WantedObject[];
  readonly isOurs: IsOurs;
}

export interface Reconciled {
  readonly listed: Listed;
  /** Identities of what is there at the end. */
  readonly present: ReadonlySet<string>;
  readonly applied: readonly PlannedWrite[];
  /** Why what is still not as it should be was refused. */
  readonly refused: ReadonlyMap<string, string>;
}

/** Deleting an address may take others of its network along, and routes with them: what was wanted is put back in the next round. */
const maxRounds = 4;

/** Brings the kernel to what is wanted: list, diff, apply, verify. Throws when the kernel cannot be asked. */
export function reconcile(
  plane: NetworkPlane,
  routeProtocols: readonly number[],
  wishFor: (listed: Listed) => Wish,
): Reconciled {
  const applied: PlannedWrite[] = [];
  const failed = new Map<string, { write: PlannedWrite; message: string }>();
  let listed = plane.list(routeProtocols);
  for (let round = 1; ; round++) {
    const { wanted, isOurs } = wishFor(listed);
    const actual = actualObjects(listed);
    // What was refused is not tried again at once.
    const writes = diff(wanted, actual, isOurs).filter(({ text }) => !failed.has(text));
    const present = new Set(actual.map(({ text }) => text));
    if (writes.length === 0 || round > maxRounds)
      return { listed, present, applied, refused: refusals(failed, present) };
    const results = plane.apply(writes.map(({ operation }) => operation));
    for (const [index, write] of writes.entries()) {
      const result = results[index];
      if (result === undefined || result.ok) applied.push(write);
      else failed.set(write.text, { write, message: result.message });
    }
    listed = plane.list(routeProtocols);
  }
}

/** A write that failed because others were faster is none. */
function refusals(
  failed: ReadonlyMap<string, { write: PlannedWrite; message: string }>,
  present: ReadonlySet<string>,
): Map<string, string> {
  const left = [...failed].filter(([text, { write }]) => present.has(text) === write.operation.kind.startsWith("del-"));
  return new Map(left.map(([text, { message }]) => [text, message]));
}

const ALREADY_GONE = ["EADDRNOTAVAIL", "ESRCH", "ENOENT", "ENODEV"];

/** For a write without looking: it was there, or gone, already. */
export function isMoot({ operation }: PlannedWrite, result: OperationResult): boolean {
  if (result.ok) return true;
  return operation.kind.startsWith("del-") ? ALREADY_GONE.includes(result.errno) : result.errno === "EEXIST";
}
