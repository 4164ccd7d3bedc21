import { type AddressEntry, type AddressFamily, addressFamily } from "ipvs-netlink";

/** The address that adverts come from. `tentative`: duplicate address detection is under way; ask again when it ended. */
export type SourceAddress =
  | { readonly kind: "ready"; readonly address: string }
  | { readonly kind: "tentative"; readonly address: string }
  | { readonly kind: "none" };

/**
 * The first address of an interface that is no virtual one: for IPv6 a link-local one (RFC 9568 5.1.2.1), which cannot send before duplicate
 * address detection has passed.
 */
export function sourceAddress(
  addresses: readonly AddressEntry[],
  index: number,
  family: AddressFamily,
  isVirtual: (address: string) => boolean,
): SourceAddress {
  const candidates = addresses.filter(
    ({ interface: on, address, dadFailed }) =>
      on === index &&
      !dadFailed &&
      addressFamily(address) === family &&
      !isVirtual(address) &&
      (family === "inet" || address.startsWith("fe80:")),
  );
  const ready = candidates.find(({ tentative }) => !tentative);
  if (ready) return { kind: "ready", address: ready.address };
  const [waiting] = candidates;
  return waiting ? { kind: "tentative", address: waiting.address } : { kind: "none" };
}
