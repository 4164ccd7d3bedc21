import type { AddressEntry, Link, Route, Rule } from "ipvs-netlink";
import { addressIdentity, type NameOf, routeIdentity, ruleIdentity } from "./identity.ts";
import type { ActualObject } from "./network-object.ts";

/** What the kernel listed. */
export interface Listed {
  readonly links: readonly Link[];
  readonly addresses: readonly AddressEntry[];
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
}

/** The objects of a listing with their identities. Pure. */
export function actualObjects({ links, addresses, routes, rules }: Listed): ActualObject[] {
  const names = new Map(links.map((link) => [link.index, link.name]));
  const nameOf: NameOf = (index) => names.get(index) ?? String(index);
  return [
    ...addresses.map((address) => ({ kind: "address" as const, text: addressIdentity(address, nameOf), address })),
    ...routes.map((route) => ({ kind: "route" as const, text: routeIdentity(route, nameOf), route })),
    ...rules.map((rule) => ({ kind: "rule" as const, text: ruleIdentity(rule), rule })),
  ];
}
