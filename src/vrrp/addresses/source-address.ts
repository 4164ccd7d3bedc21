import { type AddressEntry, type AddressFamily, addressFamily } from "ipvs-netlink";

/** The address that adverts come from. `tentative`: duplicate address detection is under way; ask again when it ended. */
export type SourceAddress =
  | { readonly kind: "ready"; readonly address: string }
  | { readonly kind: "tentative"; readonly address: string }
  | { readonly kind: "none" };

export interface SourceRules {
  /** Goes from router to router. */
  readonly isVirtual: (address: string) => boolean;
  /** Comes with lbctl (static_ipaddress), and whatever its scope it does not take the place of one that was there. */
  readonly isStatic: (address: string) => boolean;
  /** What adverts came from until now: one that comes later and is listed first does not change it. */
  readonly last: string | null;
}

/**
 * The first address of an interface that is no virtual one: for IPv6 a link-local one (RFC 9568 5.1.2.1), which cannot send before duplicate
 * address detection has passed. keepalived takes the same, but for its static ones: with no other it is in FAULT.
 */
export function sourceAddress(
  addresses: readonly AddressEntry[],
  index: number,
  family: AddressFamily,
  { isVirtual, isStatic, last }: SourceRules,
): SourceAddress {
  const candidates = addresses.filter(
    ({ interface: on, address, dadFailed }) =>
      on === index &&
      !dadFailed &&
      addressFamily(address) === family &&
      !isVirtual(address) &&
      (family === "inet" || address.startsWith("fe80:")),
  );
  const able = candidates.filter(({ tentative }) => !tentative);
  const preferred = able.filter(({ address }) => !isStatic(address));
  const among = preferred.length > 0 ? preferred : able;
  const ready = among.find(({ address }) => address === last) ?? among[0];
  if (ready) return { kind: "ready", address: ready.address };
  const [waiting] = candidates;
  return waiting ? { kind: "tentative", address: waiting.address } : { kind: "none" };
}
