import type { AddressEntry, AddressSettings, Route, RtnetlinkOperation } from "ipvs-netlink";
import { addressFamily } from "ipvs-netlink";
import { type ActualObject, type NetworkObject, OUR_PROTOCOL, protocolOf } from "./network-object.ts";

/** One write, with the identity of what it is about. */
export interface PlannedWrite {
  readonly text: string;
  readonly operation: RtnetlinkOperation;
}

/** Whether something that is there and not wanted is ours to remove. */
export type IsOurs = (object: ActualObject) => boolean;

/** Recorded or configured by us, or marked as ours. */
export function ownedBy(texts: ReadonlySet<string>): IsOurs {
  return (object) => texts.has(object.text) || protocolOf(object) === OUR_PROTOCOL;
}

/**
 * What makes the kernel have what is wanted: addresses first, then the routes that may need them, then rules; what is
 * ours and not wanted goes in the opposite order. Minimal: what is there already takes no write. What is not ours is left
 * alone.
 */
export function diff(
  wanted: readonly NetworkObject[],
  actual: readonly ActualObject[],
  isOurs: IsOurs,
): PlannedWrite[] {
  const there = new Map(actual.map((object) => [object.text, object]));
  const wantedTexts = new Set(wanted.map(({ text }) => text));
  const surplus = actual.filter((object) => !wantedTexts.has(object.text) && isOurs(object));
  const replaced = new Set<ActualObject>();
  const additions: PlannedWrite[] = [];

  for (const object of wanted) {
    const found = there.get(object.text);
    if (object.kind === "address" && found?.kind === "address") {
      additions.push(...changeAddress(object.text, object.address, found.address));
    } else if (found === undefined) {
      // IPv6 would make one multipath route of the old gateway and the new one: the old one goes first.
      if (object.kind === "route" && object.route.family === "inet6") {
        for (const old of surplus) {
          if (old.kind !== "route" || replaced.has(old) || !samePlace(old.route, object.route)) continue;
          replaced.add(old);
          additions.push(removal(old));
        }
      }
      additions.push(addition(object));
    }
  }
  const removals = surplus.filter((object) => !replaced.has(object)).map(removal);
  return [...byKind(additions, addOrder), ...byKind(removals, removeOrder)];
}

/** Writes that put everything there without looking: for a master that must not wait. What is there already answers EEXIST. */
export function additionsOf(wanted: readonly NetworkObject[]): PlannedWrite[] {
  return byKind(wanted.map(addition), addOrder);
}

/** Writes that take everything away without looking, in the opposite order. What is gone already answers as such. */
export function removalsOf(wanted: readonly NetworkObject[]): PlannedWrite[] {
  return byKind(wanted.map(removal), removeOrder);
}

function addition(object: NetworkObject): PlannedWrite {
  const { text } = object;
  switch (object.kind) {
    case "address":
      return { text, operation: { kind: "new-address", address: object.address } };
    case "route":
      return { text, operation: { kind: "new-route", route: object.route, insertion: object.insertion } };
    case "rule":
      return { text, operation: { kind: "new-rule", rule: object.rule } };
  }
}

function removal(object: NetworkObject | ActualObject): PlannedWrite {
  const { text } = object;
  switch (object.kind) {
    case "address":
      return { text, operation: { kind: "del-address", address: object.address } };
    case "route":
      return { text, operation: { kind: "del-route", route: object.route } };
    case "rule":
      return { text, operation: { kind: "del-rule", rule: object.rule } };
  }
}

const addOrder = ["address", "route", "rule"] as const;
const removeOrder = ["rule", "route", "address"] as const;

function byKind(writes: readonly PlannedWrite[], order: readonly string[]): PlannedWrite[] {
  const kindOf = ({ operation }: PlannedWrite) => order.findIndex((kind) => operation.kind.endsWith(kind));
  return [...writes].sort((one, other) => kindOf(one) - kindOf(other));
}

/** An address that is there with other settings. IPv6 takes them in place; of IPv4 only a new one has another label or scope. */
function changeAddress(text: string, wanted: AddressSettings, found: AddressEntry): PlannedWrite[] {
  const inet6 = addressFamily(wanted.address) === "inet6";
  const again: PlannedWrite[] = [
    { text, operation: { kind: "del-address", address: found } },
    { text, operation: { kind: "new-address", address: wanted } },
  ];
  const sameFlags = String(wanted.flags) === String(found.flags.filter((flag) => inet6 || flag !== "nodad"));
  const sameLifetime = found.validLifetimeS === null && samePreference(wanted.preferredLifetimeS, found);
  if (inet6) {
    if (wanted.prefixLength !== found.prefixLength || wanted.peer !== found.peer || found.dadFailed) return again;
    return sameFlags && sameLifetime ? [] : [{ text, operation: { kind: "set-address", address: wanted } }];
  }
  const same =
    sameFlags &&
    sameLifetime &&
    wanted.scope === found.scope &&
    wanted.broadcast === found.broadcast &&
    (wanted.label === null || wanted.label === found.label);
  return same ? [] : again;
}

/** A lifetime that runs may run out: it is set once. */
function samePreference(wantedS: number | null, { preferredLifetimeS, deprecated }: AddressEntry): boolean {
  if (wantedS === null) return preferredLifetimeS === null;
  return wantedS > 0 || deprecated;
}

/** Routes that IPv6 would join. */
function samePlace(one: Route, other: Route): boolean {
  return (
    one.family === other.family &&
    one.table === other.table &&
    one.metric === other.metric &&
    one.destination.address === other.destination.address &&
    one.destination.prefixLength === other.destination.prefixLength
  );
}
