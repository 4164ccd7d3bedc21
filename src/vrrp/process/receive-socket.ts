import { type AddressFamily, type NativeListener, native } from "ipvs-netlink";
import * as option from "../../sockets/socket-options.ts";
import { checked } from "../../sockets/system-call-error.ts";
import { type KnownAdvert, KnownAdverts, type OnAgain, virtualRouterIdAt } from "./known-adverts.ts";
import type { ReceivedPacket } from "./received-packet.ts";

/** An interface that sockets are bound to. `life` tells it from one before it with the same name and number. */
export interface BoundLink {
  readonly name: string;
  readonly index: number;
  readonly life: number;
}

/** Where adverts come in: one socket for all instances that share this. */
export interface ReceiveEndpoint {
  readonly family: AddressFamily;
  /** VRRP itself, or the authentication header in front of it. */
  readonly protocol: 112 | 51;
  /** Null: any interface (unicast without one). */
  readonly interface: BoundLink | null;
  /** Joined on that interface; sorted. */
  readonly groups: readonly string[];
  /** Octets; null: the kernel's size. */
  readonly receiveBufferBytes: number | null;
}

/** Two endpoints with the same key are the same socket. */
export function endpointKey({ family, protocol, interface: on, groups, receiveBufferBytes }: ReceiveEndpoint): string {
  return `${family} ${protocol} ${on === null ? "any" : `${on.index} ${on.name} ${on.life}`} ${groups.join(",")} ${receiveBufferBytes}`;
}

const slots = 32;
/** The longest advert: 255 addresses of IPv6 and a signature. */
const slotBytes = 4_352;
const infoFields = 6;
const addressBytes = 128;
const destinationOffset = 64;
const truncated = 0x20;

/** Shared by all sockets: what was received is dealt with before the next receive. */
const data = Buffer.alloc(slots * slotBytes);
const info = new Int32Array(slots * infoFields);
const addresses = Buffer.alloc(slots * addressBytes);
const arrivals = new Float64Array(slots);

/**
 * What a look may be late by, beside the advert interval. Timers count from when an advert came in, and one that is due looks first: what is
 * read later is only the answer to an advert, by half of this.
 */
const looksPerAdvert = 8;
const leastLookMs = 1;
const mostLookMs = 25;

/** Packets that are not known, per call: whoever floods the network leaves the event loop to timers in between. */
const mostAtOnce = 4_096;

/** How far apart looks are, where the shortest advert interval is this. */
export function lookEveryMs(advertMs: number): number {
  return Math.min(mostLookMs, Math.max(leastLookMs, Math.floor(advertMs / looksPerAdvert)));
}

/** What those who hear its adverts need of a socket. */
export type Hearer = Pick<ReceiveSocket, "endpoint" | "known">;

export type OnPacket = (packet: ReceivedPacket, arrivedMs: number) => void;

/** Who hears what comes. */
export interface Ear {
  readonly onPacket: OnPacket;
  readonly onAgain: OnAgain;
  /** Whether it would come to what it came to. */
  readonly isStill: (known: KnownAdvert) => boolean;
}

/** Hears nothing. */
export const deaf: Ear = { onPacket: () => {}, onAgain: () => {}, isStill: () => false };

/** A raw socket that adverts come from. */
export class ReceiveSocket {
  readonly endpoint: ReceiveEndpoint;
  readonly known: KnownAdverts;
  readonly #fd: number;
  readonly #listener: NativeListener;
  #isOpen = true;
  /** Used again for each packet. */
  readonly #packet: { -readonly [K in keyof ReceivedPacket]: ReceivedPacket[K] };

  /** `fd` is its own from now on, and as `open` makes it. @throws SystemCallError */
  constructor(endpoint: ReceiveEndpoint, fd: number, onReadable: () => void) {
    const { family } = endpoint;
    this.endpoint = endpoint;
    this.#fd = fd;
    this.#listener = listenerOn(fd, virtualRouterIdAt[family], onReadable, describeEndpoint(endpoint));
    this.known = new KnownAdverts(this.#listener);
    this.#packet = { family, data, start: 0, end: 0, addresses, sourceAt: 0, destinationAt: 0, hopLimit: 0 };
  }

  /** `onReadable` is called whenever there is something to receive, while it listens. @throws SystemCallError */
  static open(endpoint: ReceiveEndpoint, onReadable: () => void): ReceiveSocket {
    const { family, protocol } = endpoint;
    const what = describeEndpoint(endpoint);
    const domain = family === "inet" ? option.AF_INET : option.AF_INET6;
    const fd = checked(native().socket(domain, option.SOCK_RAW | option.SOCK_NONBLOCK, protocol), "socket", what);
    try {
      prepare(fd, endpoint, what);
      return new ReceiveSocket(endpoint, fd, onReadable);
    } catch (error) {
      native().close(fd);
      throw error;
    }
  }

  /** Sees to it that what comes is told; if it comes one by one in great numbers, so many ms later. */
  listen(lookMs: number): void {
    checked(native().startListening(this.#listener, lookMs), "watch", describeEndpoint(this.endpoint));
  }

  unlisten(): void {
    native().stopListening(this.#listener);
  }

  /**
   * Hands over all that has come, with the time at which it came, no later than now. Each packet is valid during the call only. What is
   * known is told before the next that is not, and once for all. Of a flood some is left, for which whoever listens is woken again.
   */
  receive({ onPacket, onAgain, isStill }: Ear, nowMs = native().bootTime()): void {
    // Who hears may find out that this socket is not wanted any more.
    for (let total = 0; this.#isOpen && total < mostAtOnce; ) {
      this.known.review(isStill);
      const count = native().hearStrangers(this.#listener, data, slots, info, addresses, arrivals);
      this.known.take((known, times, arrivedMs) => onAgain(known, times, Math.min(nowMs, arrivedMs)));
      if (count <= 0) return;
      total += count;
      for (let slot = 0; slot < count && this.#isOpen; slot++) this.#hand(slot, nowMs, onPacket);
    }
  }

  close(): void {
    this.#isOpen = false;
    native().closeListener(this.#listener);
    native().close(this.#fd);
  }

  #hand(slot: number, nowMs: number, onPacket: OnPacket): void {
    const row = slot * infoFields;
    if (((info[row + 1] as number) & truncated) !== 0) return;
    const packet = this.#packet;
    packet.start = slot * slotBytes;
    packet.end = packet.start + (info[row] as number);
    packet.hopLimit = info[row + 3] as number;
    // sockaddr_in6 has the address behind family, port and flow.
    packet.sourceAt = slot * addressBytes + 8;
    packet.destinationAt = slot * addressBytes + destinationOffset;
    onPacket(packet, Math.min(nowMs, arrivals[slot] as number));
  }
}

function listenerOn(fd: number, keyAt: number, onReadable: () => void, what: string): NativeListener {
  const listener = native().openListener(fd, keyAt, onReadable);
  if (typeof listener !== "number") return listener;
  checked(listener, "openListener", what);
  throw new RangeError(`openListener answered ${listener}`);
}

function prepare(fd: number, endpoint: ReceiveEndpoint, what: string): void {
  const { family, interface: on, groups, receiveBufferBytes } = endpoint;
  const set = (level: number, name: number, value: Uint8Array, call: string) =>
    checked(native().setsockopt(fd, level, name, value), call, what);
  set(option.SOL_SOCKET, option.SO_TIMESTAMPNS, option.int32(1), "SO_TIMESTAMPNS");
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
