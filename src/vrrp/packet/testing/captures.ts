import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AddressFamily } from "ipvs-netlink";
import { type Decoded, decodeIpv4, decodeIpv6 } from "../decode-advert.ts";

/** One frame of a capture: from the Ethernet header on. */
export interface Frame {
  readonly epochMs: number;
  readonly bytes: Buffer;
}

/** What keepalived 2.4.3 sends, by the name of its configuration. */
export const captureNames = [
  ...["v2", "v2-ah", "v2-hmac", "v2-mcast", "v2-pass", "v2-unicast", "v2-vmac"],
  ...["v3", "v3-100ms", "v3-checksum-as-v2", "v3-hmac", "v3-ipv6", "v3-unicast"],
] as const;

export type CaptureName = (typeof captureNames)[number];

// pcap: magic, version, zone, accuracy, snap length, link type; then per frame seconds, microseconds, held, on the wire
const FILE_HEADER_BYTES = 24;
const FRAME_HEADER_BYTES = 16;

export function readCapture(name: CaptureName): Frame[] {
  const file = readFileSync(join(import.meta.dirname, "captures", `${name}.pcap`));
  const frames: Frame[] = [];
  for (let at = FILE_HEADER_BYTES; at < file.length; ) {
    const bytes = at + FRAME_HEADER_BYTES;
    const held = file.readUInt32LE(at + 8);
    const epochMs = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1000;
    frames.push({ epochMs, bytes: file.subarray(bytes, bytes + held) });
    at = bytes + held;
  }
  return frames;
}

/** A pcap file of frames that begin with an Ethernet header. */
export function writePcap(frames: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(0x40000, 16);
  header.writeUInt32LE(1, 20);
  const parts = frames.flatMap((frame, nth) => {
    const head = Buffer.alloc(FRAME_HEADER_BYTES);
    head.writeUInt32LE(nth, 0);
    head.writeUInt32LE(frame.length, 8);
    head.writeUInt32LE(frame.length, 12);
    return [head, frame];
  });
  return Buffer.concat([header, ...parts]);
}

const ETHERNET_BYTES = 14;
const IPV6_HEADER_BYTES = 40;

export type FrameKind = "advert" | "arp" | "neighbour-advertisement" | "other";

export function kindOf({ bytes }: Frame): FrameKind {
  const ethertype = bytes.readUInt16BE(12);
  if (ethertype === 0x0806) return "arp";
  if (ethertype === 0x0800) return [51, 112].includes(bytes.readUInt8(ETHERNET_BYTES + 9)) ? "advert" : "other";
  const nextHeader = bytes.readUInt8(ETHERNET_BYTES + 6);
  return nextHeader === 112 ? "advert" : nextHeader === 58 ? "neighbour-advertisement" : "other";
}

export function advertsOf(name: CaptureName): Frame[] {
  return readCapture(name).filter((frame) => kindOf(frame) === "advert");
}

export function firstAdvertOf(name: CaptureName): Frame {
  const frame = advertsOf(name)[0];
  if (frame === undefined) throw new Error(`no advert in ${name}`);
  return frame;
}

/** The part of a frame that a raw socket sends and receives: without Ethernet, and over IPv6 without the IP header. */
export function packetOf({ bytes }: Frame): Buffer {
  return bytes.subarray(ETHERNET_BYTES + (bytes.readUInt16BE(12) === 0x86dd ? IPV6_HEADER_BYTES : 0));
}

export function familyOf({ bytes }: Frame): AddressFamily {
  return bytes.readUInt16BE(12) === 0x86dd ? "inet6" : "inet";
}

/** Reads an advert as it comes from the wire, in the middle of a buffer; `packet` stands in for the frame's own. */
export function decodeFrame(frame: Frame, packet: Buffer = packetOf(frame)): Decoded {
  const buffer = Buffer.concat([Buffer.alloc(7, 0xa5), packet, Buffer.alloc(40, 0x5a)]);
  const end = 7 + packet.length;
  if (familyOf(frame) === "inet") return decodeIpv4(buffer, 7, end);
  const ip = frame.bytes.subarray(ETHERNET_BYTES);
  return decodeIpv6(buffer, 7, end, {
    source: ip.subarray(8, 24),
    destination: ip.subarray(24, 40),
    hopLimit: ip.readUInt8(7),
  });
}
