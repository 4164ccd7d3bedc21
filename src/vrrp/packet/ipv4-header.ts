import { checksumOf, sumOf } from "./checksum.ts";
import { ADVERT_TOS, IPV4_HEADER_BYTES } from "./constants.ts";
import { writeAddress } from "./ip-address.ts";

// IPv4 header (RFC 791 section 3.1)
//   VERSION IHL u8 · TOS u8 · TOTAL_LENGTH be16 · IDENTIFICATION be16 · FLAGS FRAGMENT be16
//   TTL u8 · PROTOCOL u8 · CHECKSUM be16 · SOURCE 4 octets · DESTINATION 4 octets · options
export const TOTAL_LENGTH = 2;
export const IDENTIFICATION = 4;
export const FRAGMENT = 6;
export const TTL = 8;
export const PROTOCOL = 9;
export const CHECKSUM = 10;
export const SOURCE = 12;
export const DESTINATION = 16;

export interface Ipv4Header {
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly protocol: number;
  /** Of the packet with this header. */
  readonly totalLength: number;
}

/** Writes a header without options for a raw socket with IP_HDRINCL, where the kernel replaces an identification of 0. */
export function writeIpv4Header(buffer: Buffer, offset: number, header: Ipv4Header): number {
  buffer.fill(0, offset, offset + IPV4_HEADER_BYTES);
  buffer[offset] = 0x45;
  buffer[offset + 1] = ADVERT_TOS;
  buffer.writeUInt16BE(header.totalLength, offset + TOTAL_LENGTH);
  buffer[offset + TTL] = header.ttl;
  buffer[offset + PROTOCOL] = header.protocol;
  writeAddress(buffer, offset + SOURCE, "inet", header.source);
  writeAddress(buffer, offset + DESTINATION, "inet", header.destination);
  writeHeaderChecksum(buffer, offset);
  return offset + IPV4_HEADER_BYTES;
}

export function writeIdentification(buffer: Buffer, offset: number, identification: number): void {
  buffer.writeUInt16BE(identification, offset + IDENTIFICATION);
  writeHeaderChecksum(buffer, offset);
}

function writeHeaderChecksum(buffer: Buffer, offset: number): void {
  buffer.writeUInt16BE(0, offset + CHECKSUM);
  buffer.writeUInt16BE(checksumOf(sumOf(buffer, offset, offset + IPV4_HEADER_BYTES)), offset + CHECKSUM);
}

/** Offset of the payload and of the packet's end, or null when there is no whole IPv4 packet between the offsets. */
export function readIpv4Bounds(buffer: Buffer, start: number, end: number): { payload: number; end: number } | null {
  const held = end - start;
  if (held < IPV4_HEADER_BYTES || (buffer[start] as number) >> 4 !== 4) return null;
  const headerBytes = ((buffer[start] as number) & 0x0f) * 4;
  const totalLength = buffer.readUInt16BE(start + TOTAL_LENGTH);
  if (headerBytes < IPV4_HEADER_BYTES || totalLength < headerBytes || totalLength > held) return null;
  return { payload: start + headerBytes, end: start + totalLength };
}
