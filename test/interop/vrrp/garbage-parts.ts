import fc from "fast-check";
import { parseAddress } from "ipvs-netlink";
import type { AdvertSettings } from "../../../src/vrrp/packet/advert.ts";
import { type EncodedAdvert, encodeAdvert, encodedBytes } from "../../../src/vrrp/packet/encode-advert.ts";
import { type InstanceText, instanceText } from "./instance-text.ts";

/** What is sent to one place: each of it would make any router there yield if it were believed. */
export interface Packets {
  /** An advert that is right in all, made now. */
  readonly good: () => Buffer;
  readonly garbage: fc.Arbitrary<Buffer>;
}

/** An instance, how to make any router of it yield, and what must make none yield. */
export interface GarbageCase {
  readonly name: string;
  readonly address: string;
  /** Of the router with this number. */
  readonly config: (priority: number, self: number) => string;
  /** For the group, or for each router. */
  readonly packets: readonly Packets[];
}

const bestPriority = 254;

/** Octets of the header of IP. */
export const headerBytes = ({ family }: Pick<AdvertSettings, "family">) => (family === "inet" ? 20 : 40);

export function encode(settings: AdvertSettings, priority = bestPriority): EncodedAdvert {
  return encodeAdvert(Buffer.alloc(encodedBytes(settings)), 0, settings, priority);
}

/** With the header of IP, which the kernel makes of IPv6. */
export function packetOf(settings: AdvertSettings): Buffer {
  const { buffer } = encode(settings);
  if (settings.family === "inet") return buffer;
  const header = Buffer.from([0x60, 0, 0, 0, 0, 0, 112, settings.ttl]);
  const addresses = [settings.source, settings.destination].map((text) => parseAddress(text) ?? Buffer.alloc(16));
  return Buffer.concat([header, ...addresses, buffer]);
}

export function oneBitOff(whole: () => Buffer, header: number): fc.Arbitrary<Buffer> {
  const octets = whole().length;
  return fc.integer({ min: header * 8, max: octets * 8 - 1 }).map((bit) => {
    const packet = Buffer.from(whole());
    packet[bit >> 3] = (packet[bit >> 3] as number) ^ (1 << (bit & 7));
    return packet;
  });
}

export function cutShort(whole: () => Buffer, header: number): fc.Arbitrary<Buffer> {
  const octets = whole().length;
  return fc.integer({ min: header, max: octets - 1 }).map((length) => Buffer.from(whole().subarray(0, length)));
}

/** Of one octet or many behind the first `kept` octets. */
export function randomBehind(whole: () => Buffer, kept: number, first: readonly number[]): fc.Arbitrary<Buffer> {
  return fc
    .uint8Array({ minLength: 1, maxLength: 1400 })
    .map((octets) => Buffer.concat([whole().subarray(0, kept), Buffer.from(first), octets]));
}

export interface CaseInstance {
  readonly name: string;
  readonly virtualRouterId: number;
  /** By the number of the router. */
  readonly lines?: (self: number) => readonly string[];
  /** Instead of the group. */
  readonly destinations?: readonly string[];
}

export function caseOf(
  { lines, destinations, ...instance }: CaseInstance,
  like: AdvertSettings,
  packetsTo: (settings: AdvertSettings) => Packets,
): GarbageCase {
  const { name, virtualRouterId } = instance;
  const [address, source, prefix] =
    like.family === "inet"
      ? [`192.0.2.${virtualRouterId}`, "192.0.2.3", 24]
      : [`fe80::${virtualRouterId}`, "fe80::3", 64];
  const settings = { ...like, virtualRouterId, source, addresses: [address], advertMs: 1_000 };
  const text = (self: number): Omit<InstanceText, "priority"> => ({ ...instance, lines: lines?.(self) ?? [] });
  return {
    name,
    address,
    config: (priority, self) => instanceText({ ...text(self), priority, addresses: [`${address}/${prefix}`] }),
    packets: (destinations ?? [like.destination]).map((destination) => packetsTo({ ...settings, destination })),
  };
}
