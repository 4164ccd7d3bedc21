import {
  ADDRESS_BYTES,
  type AddressFamily,
  addressFamily,
  canonicalAddress,
  formatAddress,
  parseAddress,
} from "ipvs-netlink";

/** Addresses that follow each other: the first of them, as a number, and how many they are. */
export interface AddressRange {
  readonly family: AddressFamily;
  readonly first: bigint;
  readonly count: bigint;
}

/**
 * An address, a prefix (192.0.2.0/28), or the first and the last address (192.0.2.1-192.0.2.9), of which the last may be its last
 * part alone: decimal in IPv4 (192.0.2.1-9), hexadecimal in IPv6 (2001:db8::1-1f). Null for anything else.
 */
export function parseAddressRange(text: string): AddressRange | null {
  const [from = "", to, ...rest] = text.split("-");
  const [bare = "", length] = from.split("/");
  const start = canonicalAddress(bare);
  if (start === null || rest.length > 0) return null;
  const family = addressFamily(start);
  const first = addressNumber(start);
  if (to === undefined) {
    const width = family === "inet" ? 32 : 128;
    return { family, first, count: length === undefined ? 1n : 1n << BigInt(width - Number(length)) };
  }
  if (length !== undefined) return null;
  const last = withLastPart(start, to) ?? canonicalAddress(to);
  if (last === null || addressFamily(last) !== family) return null;
  return { family, first, count: addressNumber(last) - first + 1n };
}

/** Every address of the range, in order. */
export function* addressesOf({ family, first, count }: AddressRange): Generator<string> {
  const octets = new Uint8Array(ADDRESS_BYTES);
  const width = family === "inet" ? 4 : ADDRESS_BYTES;
  for (let number = first; number < first + count; number++) {
    let rest = number;
    for (let at = width - 1; at >= 0; at--) {
      octets[at] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    yield formatAddress(family, octets);
  }
}

export function addressNumber(address: string): bigint {
  // An IPv4 address is the first four of its octets.
  const octets = (parseAddress(address) as Uint8Array).subarray(0, address.includes(":") ? ADDRESS_BYTES : 4);
  return octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
}

/** The address with its last part replaced; null for what is no such part. */
function withLastPart(first: string, word: string): string | null {
  if (!first.includes(":")) return /^[0-9]{1,3}$/.test(word) ? canonicalAddress(first.replace(/[0-9]+$/, word)) : null;
  if (!/^[0-9a-f]{1,4}$/i.test(word)) return null;
  const octets = (parseAddress(first) as Uint8Array).slice();
  const part = Number.parseInt(word, 16);
  octets.set([part >> 8, part & 0xff], octets.length - 2);
  return formatAddress("inet6", octets);
}
