import type { AddressFamily } from "./table.ts";

/** Octets of union nf_inet_addr: an IPv4 address uses the first four. */
export const ADDRESS_BYTES = 16;

/**
 * The address as 16 octets in network order, or null when the text is no IPv4 or IPv6 address (no zone, no brackets,
 * no leading zeros in IPv4).
 */
export function parseAddress(text: string): Uint8Array | null {
  const octets = new Uint8Array(ADDRESS_BYTES);
  const valid = text.includes(":") ? parseInet6(text, octets) : parseInet(text, octets, 0);
  return valid ? octets : null;
}

/** Text of an address: dotted quad, or RFC 5952 (with an IPv4 tail for ::ffff:0:0/96 only). */
export function formatAddress(family: AddressFamily, octets: Uint8Array): string {
  return family === "inet" ? formatInet(octets, 0) : formatInet6(octets);
}

/** The one text for an address: equal text means equal address. Null when the text is no address. */
export function canonicalAddress(text: string): string | null {
  const octets = parseAddress(text);
  return octets && formatAddress(text.includes(":") ? "inet6" : "inet", octets);
}

const DECIMAL_OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const HEX_GROUP = /^[0-9a-fA-F]{1,4}$/;

function parseInet(text: string, octets: Uint8Array, at: number): boolean {
  const parts = text.split(".");
  if (parts.length !== 4) return false;
  return parts.every((part, index) => {
    const value = DECIMAL_OCTET.test(part) ? Number(part) : 256;
    octets[at + index] = value;
    return value <= 255;
  });
}

function parseInet6(text: string, octets: Uint8Array): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const [headText = "", tailText] = halves;
  const head = parseGroups(headText, tailText === undefined);
  const tail = tailText === undefined ? [] : parseGroups(tailText, true);
  if (head === null || tail === null) return false;
  const groups = head.length + tail.length;
  // "::" stands for at least one group (RFC 4291 2.2).
  if (tailText === undefined ? groups !== 8 : groups > 7) return false;
  writeGroups(head, octets, 0);
  writeGroups(tail, octets, ADDRESS_BYTES - 2 * tail.length);
  return true;
}

/** Groups of one side of "::"; the last may be a dotted quad when the text ends there. */
function parseGroups(text: string, last: boolean): number[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (HEX_GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const quad = new Uint8Array(4);
    if (!last || index !== parts.length - 1 || !parseInet(part, quad, 0)) return null;
    groups.push(((quad[0] as number) << 8) | (quad[1] as number), ((quad[2] as number) << 8) | (quad[3] as number));
  }
  return groups;
}

function writeGroups(groups: readonly number[], octets: Uint8Array, at: number): void {
  for (const [index, group] of groups.entries()) {
    octets[at + 2 * index] = group >> 8;
    octets[at + 2 * index + 1] = group & 0xff;
  }
}

function formatInet(octets: Uint8Array, at: number): string {
  return `${octets[at]}.${octets[at + 1]}.${octets[at + 2]}.${octets[at + 3]}`;
}

function formatInet6(octets: Uint8Array): string {
  const groups: number[] = [];
  for (let at = 0; at < ADDRESS_BYTES; at += 2) groups.push(((octets[at] as number) << 8) | (octets[at + 1] as number));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${formatInet(octets, 12)}`;
  const [start, length] = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  // A single zero group is not shortened; of equal runs the first is (RFC 5952 4.2.2, 4.2.3).
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function longestZeroRun(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < groups.length; ) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best[1]) best = [start, end - start];
    start = Math.max(end, start + 1);
  }
  return best;
}
