import { type AddressFamily, native } from "ipvs-netlink";
import { type Decoded, decodeIpv4, decodeIpv6 } from "../packet/decode-advert.ts";
import * as option from "./socket-options.ts";
import { checked } from "./system-call-error.ts";

/** Where adverts come in: one socket for all instances that share this. */
export interface ReceiveEndpoint {
  readonly family: AddressFamily;
  /** VRRP itself, or the authentication header in front of it. */
  readonly protocol: 112 | 51;
  /** Null: any interface (unicast without one). */
  readonly interface: { readonly name: string; readonly index: number } | null;
  /** Joined on that interface; sorted. */
  readonly groups: readonly string[];
  /** Octets; null: the kernel's size. */
  readonly receiveBufferBytes: number | null;
}

/** Two endpoints with the same key are the same socket. */
export function endpointKey({ family, protocol, interface: on, groups, receiveBufferBytes }: ReceiveEndpoint): string {
  return `${family} ${protocol} ${on === null ? "any" : `${on.index} ${on.name}`} ${groups.join(",")} ${receiveBufferBytes}`;
}

const slots = 32;
/** The longest advert: 255 addresses of IPv6 and a signature. */
const slotBytes = 4_352;
const infoFields = 5;
const addressBytes = 128;
const destinationOffset = 64;
const truncated = 0x20;

/** Shared by all sockets: what was received is dealt with before the next receive. */
const data = Buffer.alloc(slots * slotBytes);
const info = new Int32Array(slots * infoFields);
const addresses = Buffer.alloc(slots * addressBytes);

/** A raw socket that adverts come from. */
export class ReceiveSocket {
  readonly endpoint: ReceiveEndpoint;
  readonly #fd: number;

  private constructor(endpoint: ReceiveEndpoint, fd: number) {
    this.endpoint = endpoint;
    this.#fd = fd;
  }

  /** @throws SystemCallError */
  static open(endpoint: ReceiveEndpoint): ReceiveSocket {
    const { family, protocol } = endpoint;
    const what = describeEndpoint(endpoint);
    const domain = family === "inet" ? option.AF_INET : option.AF_INET6;
    const fd = checked(native().socket(domain, option.SOCK_RAW | option.SOCK_NONBLOCK, protocol), "socket", what);
    try {
      prepare(fd, endpoint, what);
      return new ReceiveSocket(endpoint, fd);
    } catch (error) {
      native().close(fd);
      throw error;
    }
  }

  /** Calls back whenever something has come, until closed. */
  watch(onReadable: () => void): void {
    checked(native().watch(this.#fd, 1, onReadable), "watch", describeEndpoint(this.endpoint));
  }

  unwatch(): void {
    native().unwatch(this.#fd);
  }

  /** Hands over all that has come, and answers how many packets. What is decoded is valid during the call only. */
  receive(onAdvert: (decoded: Decoded) => void): number {
    for (let packets = 0; ; ) {
      const count = native().receivePackets(this.#fd, data, slots, info, addresses, 0);
      // EAGAIN, or an ICMP error that concerns one of our own adverts.
      if (count <= 0) return packets;
      packets += count;
      for (let slot = 0; slot < count; slot++) this.#decode(slot, onAdvert);
      if (count < slots) return packets;
    }
  }

  close(): void {
    native().close(this.#fd);
  }

  #decode(slot: number, onAdvert: (decoded: Decoded) => void): void {
    const row = slot * infoFields;
    const start = slot * slotBytes;
    if (((info[row + 1] as number) & truncated) !== 0) return;
    const end = start + (info[row] as number);
    if (this.endpoint.family === "inet") {
      onAdvert(decodeIpv4(data, start, end));
      return;
    }
    const at = slot * addressBytes;
    // sockaddr_in6 has the address behind family, port and flow.
    const source = addresses.subarray(at + 8, at + 24);
    const destination = addresses.subarray(at + destinationOffset, at + destinationOffset + 16);
    onAdvert(decodeIpv6(data, start, end, { source, destination, hopLimit: info[row + 3] as number }));
  }
}

function prepare(fd: number, endpoint: ReceiveEndpoint, what: string): void {
  const { family, interface: on, groups, receiveBufferBytes } = endpoint;
  const set = (level: number, name: number, value: Uint8Array, call: string) =>
    checked(native().setsockopt(fd, level, name, value), call, what);
  if (on !== null) set(option.SOL_SOCKET, option.SO_BINDTODEVICE, Buffer.from(`${on.name}\0`), "SO_BINDTODEVICE");
  if (receiveBufferBytes !== null) {
    set(option.SOL_SOCKET, option.SO_RCVBUFFORCE, option.int32(receiveBufferBytes), "SO_RCVBUFFORCE");
  }
  if (family === "inet") {
    set(option.IPPROTO_IP, option.IP_MULTICAST_ALL, option.int32(0), "IP_MULTICAST_ALL");
    for (const group of groups) {
      const membership = option.ipv4Membership(group, on?.index ?? 0);
      set(option.IPPROTO_IP, option.IP_ADD_MEMBERSHIP, membership, `joining ${group}`);
    }
    return;
  }
  set(option.IPPROTO_IPV6, option.IPV6_MULTICAST_ALL, option.int32(0), "IPV6_MULTICAST_ALL");
  set(option.IPPROTO_IPV6, option.IPV6_RECVPKTINFO, option.int32(1), "IPV6_RECVPKTINFO");
  set(option.IPPROTO_IPV6, option.IPV6_RECVHOPLIMIT, option.int32(1), "IPV6_RECVHOPLIMIT");
  for (const group of groups) {
    const membership = option.ipv6Membership(group, on?.index ?? 0);
    set(option.IPPROTO_IPV6, option.IPV6_ADD_MEMBERSHIP, membership, `joining ${group}`);
  }
}

export function describeEndpoint({ family, protocol, interface: on }: ReceiveEndpoint): string {
  return `${protocol === 51 ? "authenticated " : ""}adverts over ${family === "inet" ? "IPv4" : "IPv6"} on ${on?.name ?? "any interface"}`;
}
