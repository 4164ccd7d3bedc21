import type { RouterState } from "../machine/state.ts";
import type { AcceptSettings, AcceptState } from "../packet/accept-advert.ts";
import type { ReceivedPacket } from "./received-packet.ts";
import type { Router } from "./router.ts";

/** An advert that a router took in, and that changed nothing: neither what it remembers of adverts, nor its machine. */
export interface KnownAdvert {
  readonly router: number;
  readonly settings: AcceptSettings;
  readonly accept: AcceptState;
  readonly state: RouterState;
  readonly packet: ReceivedPacket;
}

/**
 * The last such advert of each VRID on one socket. A master says the same again and again: with the same octets, the same settings
 * and the same states before it, reading, judging and deciding come to what they came to before, and need not be done. Pure.
 */
export class KnownAdverts {
  readonly #byId: (KnownAdvert | undefined)[] = [];

  /** Copies the packet. One that a signature or a sequence number makes another each time is not worth it. */
  learn(
    virtualRouterId: number,
    router: number,
    { accept, acceptSettings }: Router,
    state: RouterState,
    from: ReceivedPacket,
  ): void {
    if (acceptSettings === null) return;
    const { family, data, start, end, addresses, sourceAt, destinationAt, hopLimit } = from;
    const octets = [sourceAt, destinationAt].map((at) => addresses.subarray(at, at + addressBytes));
    const packet: ReceivedPacket = {
      ...{ family, data: Buffer.from(data.subarray(start, end)), start: 0, end: end - start, hopLimit },
      ...{ addresses: Buffer.concat(family === "inet" ? [] : octets), sourceAt: 0, destinationAt: addressBytes },
    };
    this.#byId[virtualRouterId] = { router, settings: acceptSettings, accept, state, packet };
  }

  forget(): void {
    this.#byId.length = 0;
  }

  /** The advert that this packet repeats, if it does. */
  find(packet: ReceivedPacket): KnownAdvert | null {
    const { family, data, start, end } = packet;
    const known = this.#byId[data[start + (family === "inet" ? virtualRouterIdOfIpv4 : 1)] as number];
    if (known === undefined || known.packet.end !== end - start) return null;
    return (family === "inet" ? isSameIpv4 : isSameIpv6)(known.packet, packet) ? known : null;
  }
}

/** Of IPv6. */
const addressBytes = 16;
// Of an IPv4 header (RFC 791 section 3.1) identification and checksum are others each time; options would move the rest.
const withoutOptions = 0x45;
const virtualRouterIdOfIpv4 = 21;
const timeToLiveAt = 8;
const addressesAt = 12;

function isSameIpv4(
  { data: one, end }: ReceivedPacket,
  { data: other, start, end: otherEnd }: ReceivedPacket,
): boolean {
  if (end <= virtualRouterIdOfIpv4 || one[0] !== withoutOptions) return false;
  for (let at = 0; at < 4; at++) if (one[at] !== other[start + at]) return false;
  if (one[timeToLiveAt] !== other[start + timeToLiveAt] || one[timeToLiveAt + 1] !== other[start + timeToLiveAt + 1]) {
    return false;
  }
  return other.compare(one, addressesAt, end, start + addressesAt, otherEnd) === 0;
}

function isSameIpv6(one: ReceivedPacket, other: ReceivedPacket): boolean {
  return (
    one.hopLimit === other.hopLimit &&
    isSameAddress(one, one.sourceAt, other, other.sourceAt) &&
    isSameAddress(one, one.destinationAt, other, other.destinationAt) &&
    other.data.compare(one.data, 0, one.end, other.start, other.end) === 0
  );
}

function isSameAddress(one: ReceivedPacket, oneAt: number, other: ReceivedPacket, otherAt: number): boolean {
  const [oneEnd, otherEnd] = [oneAt + addressBytes, otherAt + addressBytes];
  return other.addresses.compare(one.addresses, oneAt, oneEnd, otherAt, otherEnd) === 0;
}
