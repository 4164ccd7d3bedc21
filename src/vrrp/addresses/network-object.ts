import type { AddressEntry, AddressSettings, Route, RouteInsertion, Rule } from "ipvs-netlink";
import type { Tracking } from "../../config/network-model.ts";

/**
 * An address, route or rule. `text` is its identity: equal text means the same object, whatever the numbers of the
 * interfaces are today.
 */
export type NetworkObject =
  | { readonly kind: "address"; readonly text: string; readonly address: AddressSettings }
  | { readonly kind: "route"; readonly text: string; readonly route: Route; readonly insertion: RouteInsertion }
  | { readonly kind: "rule"; readonly text: string; readonly rule: Rule };

/** What a holder wants to be there. */
export type WantedObject = NetworkObject & { readonly holder: string; readonly tracking: Tracking };

/** What the kernel has. */
export type ActualObject =
  | { readonly kind: "address"; readonly text: string; readonly address: AddressEntry }
  | { readonly kind: "route"; readonly text: string; readonly route: Route }
  | { readonly kind: "rule"; readonly text: string; readonly rule: Rule };

/** Marks what is ours: IFA_PROTO of addresses, rtm_protocol of routes, FRA_PROTOCOL of rules. */
export const OUR_PROTOCOL = 118;

export function protocolOf(object: ActualObject): number {
  switch (object.kind) {
    case "address":
      return object.address.protocol ?? 0;
    case "route":
      return object.route.protocol;
    case "rule":
      return object.rule.protocol;
  }
}
