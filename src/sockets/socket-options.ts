import { type AddressFamily, parseAddress } from "ipvs-netlink";

// Numbers of socket(7), ip(7), ipv6(7), raw(7), packet(7) as in the kernel's uapi headers.
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_PACKET = 17;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_PRIORITY = 12;
export const SO_BINDTODEVICE = 25;
export const SO_RCVBUFFORCE = 33;
export const SO_TIMESTAMPNS = 35;
export const IPPROTO_IP = 0;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_RAW = 255;
export const IP_TOS = 1;
export const IP_TTL = 2;
export const IP_PKTINFO = 8;
export const IP_RECVTTL = 12;
export const IP_FREEBIND = 15;
export const IP_MULTICAST_IF = 32;
export const IP_MULTICAST_LOOP = 34;
export const IP_ADD_MEMBERSHIP = 35;
export const IP_MULTICAST_ALL = 49;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_MULTICAST_LOOP = 19;
export const IPV6_ADD_MEMBERSHIP = 20;
export const IPV6_V6ONLY = 26;
export const IPV6_MULTICAST_ALL = 29;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_PKTINFO = 50;
export const IPV6_RECVHOPLIMIT = 51;
export const IPV6_HOPLIMIT = 52;
export const IPV6_TCLASS = 67;
export const IPV6_FREEBIND = 78;

/** An int option. */
export function int32(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

/** Address octets as the family has them. */
export function octetsOf(family: AddressFamily, address: string): Uint8Array {
  const octets = parseAddress(address);
  if (octets === null) throw new RangeError(`no address: ${address}`);
  return octets.subarray(0, family === "inet" ? 4 : 16);
}

/** struct ip_mreqn (ip(7)): group and interface index. */
export function ipv4Membership(group: string, ifindex: number): Uint8Array {
  return Buffer.concat([octetsOf("inet", group), new Uint8Array(4), int32(ifindex)]);
}

/** struct ipv6_mreq (ipv6(7)). */
export function ipv6Membership(group: string, ifindex: number): Uint8Array {
  return Buffer.concat([octetsOf("inet6", group), int32(ifindex)]);
}

export const SOCKADDR_BYTES = { inet: 16, inet6: 28 } as const;

/** Writes struct sockaddr_in or sockaddr_in6 with port 0; the scope matters for link-local and multicast destinations. */
export function writeSocketAddress(
  buffer: Buffer,
  offset: number,
  family: AddressFamily,
  address: string,
  scope: number,
): void {
  const bytes = SOCKADDR_BYTES[family];
  buffer.fill(0, offset, offset + bytes);
  writeHostUint16(buffer, offset, family === "inet" ? AF_INET : AF_INET6);
  buffer.set(octetsOf(family, address), offset + (family === "inet" ? 4 : 8));
  if (family === "inet6") buffer.set(int32(scope), offset + 24);
}

// struct cmsghdr: length u64, level int, type int (64-bit machines); data aligned to 8.
const CMSG_HEADER_BYTES = 16;
export const INET6_CONTROL_BYTES = CMSG_HEADER_BYTES + 24 + CMSG_HEADER_BYTES + 8;

/** Control messages of an IPv6 packet: from this address, out of this interface (0: as routed), with this hop limit. */
export function writeInet6Control(
  buffer: Buffer,
  offset: number,
  { source, ifindex, hopLimit }: { readonly source: string; readonly ifindex: number; readonly hopLimit: number },
): void {
  buffer.fill(0, offset, offset + INET6_CONTROL_BYTES);
  writeHeader(buffer, offset, CMSG_HEADER_BYTES + 20, IPV6_PKTINFO);
  buffer.set(octetsOf("inet6", source), offset + CMSG_HEADER_BYTES);
  buffer.set(int32(ifindex), offset + CMSG_HEADER_BYTES + 16);
  const second = offset + CMSG_HEADER_BYTES + 24;
  writeHeader(buffer, second, CMSG_HEADER_BYTES + 4, IPV6_HOPLIMIT);
  buffer.set(int32(hopLimit), second + CMSG_HEADER_BYTES);
}

function writeHeader(buffer: Buffer, offset: number, length: number, type: number): void {
  buffer.set(new Uint8Array(BigUint64Array.of(BigInt(length)).buffer), offset);
  buffer.set(int32(IPPROTO_IPV6), offset + 8);
  buffer.set(int32(type), offset + 12);
}

/** sa_family_t is in host order. */
function writeHostUint16(buffer: Buffer, offset: number, value: number): void {
  buffer.set(new Uint8Array(Uint16Array.of(value).buffer), offset);
}

/** struct sockaddr_ll (packet(7)): the frame brings everything else along. */
export function packetAddress(ifindex: number): Uint8Array {
  const address = Buffer.alloc(20);
  address.set(new Uint8Array(Uint16Array.of(AF_PACKET).buffer), 0);
  address.set(new Uint8Array(Int32Array.of(ifindex).buffer), 4);
  return address;
}
