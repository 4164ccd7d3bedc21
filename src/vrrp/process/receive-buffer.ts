import type { ReceiveBuffer, VrrpInstance } from "../../config/vrrp-model.ts";

/** Of Ethernet, where there is no interface to ask. */
const commonMtu = 1500;
const ipv4HeaderBytes = 20;
const ipv6HeaderBytes = 40;
const vrrpHeaderBytes = 8;
/** RFC 3768 section 5.3.10. */
const passwordBytes = 8;
/** The header of AH and the 96 bits of HMAC-MD5 (RFC 2403). */
const ahBytes = 24;

/**
 * Octets of a receive buffer by vrrp_rx_bufs_policy: so many packets of each instance that shares the socket. The kernel
 * doubles what it is asked for, for its own book-keeping (socket(7), SO_RCVBUF). Pure.
 */
export function receiveBufferOctets(
  policy: ReceiveBuffer,
  sharers: readonly VrrpInstance[],
  mtu: number | null,
): number {
  if (policy.policy === "octets") return policy.octets;
  const octets = sharers.map((each) => (policy.policy === "MTU" ? (mtu ?? commonMtu) : advertOctets(each)));
  return (
    Math.max(
      1,
      octets.reduce((sum, each) => sum + each, 0),
    ) * policy.multiplier
  );
}

/** Of an advert with its IP header. */
function advertOctets({ family, version, addresses, authentication }: VrrpInstance): number {
  const ip = family === "inet" ? ipv4HeaderBytes : ipv6HeaderBytes;
  const listed = addresses.length * (family === "inet" ? 4 : 16);
  const trailer = version === 2 ? passwordBytes : 0;
  return ip + vrrpHeaderBytes + listed + trailer + (authentication?.type === "AH" ? ahBytes : 0);
}
