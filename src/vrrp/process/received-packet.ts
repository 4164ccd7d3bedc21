import type { AddressFamily } from "ipvs-netlink";
import { type Decoded, decodeIpv4, decodeIpv6 } from "../packet/decode-advert.ts";

/** A packet as a raw socket gave it; valid until the next one is received. */
export interface ReceivedPacket {
  readonly family: AddressFamily;
  /** From the IPv4 header on; over IPv6 from the VRRP header on. */
  readonly data: Buffer;
  readonly start: number;
  readonly end: number;
  /** Over IPv6: where it came from and went to, 16 octets each, and its hop limit. */
  readonly addresses: Buffer;
  readonly sourceAt: number;
  readonly destinationAt: number;
  readonly hopLimit: number;
}

/** Never throws. What is decoded is valid as long as the packet. */
export function decodePacket(packet: ReceivedPacket): Decoded {
  const { family, data, start, end, addresses, sourceAt, destinationAt, hopLimit } = packet;
  if (family === "inet") return decodeIpv4(data, start, end);
  const source = addresses.subarray(sourceAt, sourceAt + 16);
  const destination = addresses.subarray(destinationAt, destinationAt + 16);
  return decodeIpv6(data, start, end, { source, destination, hopLimit });
}
