import type { Subject } from "../netlink/failure.ts";
import type { BodyWriter } from "../netlink/request-batch.ts";
import { writeAddress, writeAddressKey } from "./address-codec.ts";
import * as k from "./constants.ts";
import { type AddressKey, type AddressSettings, addressKeyText } from "./ip-address.ts";
import type { LinkChange, NewLink } from "./link.ts";
import { writeLinkChange, writeLinkKey, writeNewLink } from "./link-codec.ts";
import { type Route, type RouteInsertion, routeText } from "./route.ts";
import { writeRoute } from "./route-codec.ts";
import { type Rule, ruleText } from "./rule.ts";
import { writeRule } from "./rule-codec.ts";

/** One write. `set-address` changes lifetimes and flags of an address that is there, or adds it. */
export type RtnetlinkOperation =
  | { readonly kind: "new-link"; readonly link: NewLink }
  | { readonly kind: "set-link"; readonly index: number; readonly change: LinkChange }
  | { readonly kind: "del-link"; readonly index: number }
  | { readonly kind: "new-address"; readonly address: AddressSettings }
  | { readonly kind: "set-address"; readonly address: AddressSettings }
  | { readonly kind: "del-address"; readonly address: AddressKey }
  | { readonly kind: "new-route"; readonly route: Route; readonly insertion: RouteInsertion }
  | { readonly kind: "del-route"; readonly route: Route }
  | { readonly kind: "new-rule"; readonly rule: Rule }
  | { readonly kind: "del-rule"; readonly rule: Rule };

export interface RtnetlinkRequest {
  readonly type: number;
  readonly flags: number;
  readonly body: BodyWriter;
}

const INSERTION_FLAGS: Record<RouteInsertion, number> = {
  prepend: k.NLM_F_CREATE,
  append: k.NLM_F_CREATE | k.NLM_F_APPEND,
  add: k.NLM_F_CREATE | k.NLM_F_EXCL,
  replace: k.NLM_F_CREATE | k.NLM_F_REPLACE,
};
const CREATE_ONLY = k.NLM_F_CREATE | k.NLM_F_EXCL;

export function requestOf(operation: RtnetlinkOperation): RtnetlinkRequest {
  switch (operation.kind) {
    case "new-link":
      return request(k.RTM_NEWLINK, CREATE_ONLY, (memory, offset) => writeNewLink(memory, offset, operation.link));
    case "set-link":
      return request(k.RTM_SETLINK, 0, (memory, offset) =>
        writeLinkChange(memory, offset, operation.index, operation.change),
      );
    case "del-link":
      return request(k.RTM_DELLINK, 0, (memory, offset) => writeLinkKey(memory, offset, operation.index));
    case "new-address":
      return request(k.RTM_NEWADDR, CREATE_ONLY, (memory, offset) => writeAddress(memory, offset, operation.address));
    case "set-address":
      return request(k.RTM_NEWADDR, k.NLM_F_CREATE | k.NLM_F_REPLACE, (memory, offset) =>
        writeAddress(memory, offset, operation.address),
      );
    case "del-address":
      return request(k.RTM_DELADDR, 0, (memory, offset) => writeAddressKey(memory, offset, operation.address));
    case "new-route":
      return request(k.RTM_NEWROUTE, INSERTION_FLAGS[operation.insertion], (memory, offset) =>
        writeRoute(memory, offset, operation.route),
      );
    case "del-route":
      return request(k.RTM_DELROUTE, 0, (memory, offset) => writeRoute(memory, offset, operation.route));
    case "new-rule":
      return request(k.RTM_NEWRULE, CREATE_ONLY, (memory, offset) => writeRule(memory, offset, operation.rule));
    case "del-rule":
      return request(k.RTM_DELRULE, 0, (memory, offset) => writeRule(memory, offset, operation.rule));
  }
}

function request(type: number, flags: number, body: BodyWriter): RtnetlinkRequest {
  return { type, flags, body };
}

export function subjectOf(operation: RtnetlinkOperation): Subject {
  return { operation: operation.kind, object: objectText(operation) };
}

function objectText(operation: RtnetlinkOperation): string {
  switch (operation.kind) {
    case "new-link":
      return `${operation.link.details.kind} ${operation.link.name}`;
    case "set-link":
    case "del-link":
      return String(operation.index);
    case "new-address":
    case "set-address":
    case "del-address":
      return addressKeyText(operation.address);
    case "new-route":
    case "del-route":
      return routeText(operation.route);
    case "new-rule":
    case "del-rule":
      return ruleText(operation.rule);
  }
}

/** Why the kernel refuses, as far as the number tells; it often says more itself. */
export function refusalCause({ kind }: RtnetlinkOperation, errno: string): string | null {
  switch (errno) {
    case "EPERM":
      return "this needs CAP_NET_ADMIN (root)";
    case "EEXIST":
      return "it exists already";
    case "ENODEV":
      return kind === "new-link" ? "the interface below does not exist" : "there is no such interface";
    case "EADDRNOTAVAIL":
      return kind === "del-address" ? "the interface has no such address" : "the interface cannot have this address";
    case "ESRCH":
      return kind === "del-route" ? "there is no such route" : null;
    case "ENOENT":
      return kind === "del-rule" ? "there is no such rule" : null;
    case "ENETUNREACH":
      return "no interface reaches the gateway";
    case "ENETDOWN":
      return "the interface is down";
    case "EOPNOTSUPP":
      return kind === "new-link"
        ? "this kernel has no such kind of interface"
        : "not supported by this kernel or interface";
    case "EACCES":
      return kind === "new-address" ? "IPv6 is disabled on the interface (sysctl disable_ipv6)" : null;
    default:
      return null;
  }
}
