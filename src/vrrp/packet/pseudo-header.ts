import { sumOf } from "./checksum.ts";

/**
 * Sum of the pseudo header: source, destination, length, protocol. The one of IPv4 (RFC 793 section 3.1, which keepalived
 * uses for VRRP too) and the one of IPv6 (RFC 8200 section 8.1) add up to the same words, whatever the order.
 */
export function pseudoHeaderSum(source: Uint8Array, destination: Uint8Array, protocol: number, length: number): number {
  return sumOf(source, 0, source.length) + sumOf(destination, 0, destination.length) + protocol + length;
}
