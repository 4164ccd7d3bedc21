import { formatAddress, parseAddress } from "../address.ts";
import { invalid } from "../checks.ts";
import { NetlinkError } from "../errors.ts";
import type { AttributeType } from "../netlink/attribute-types.ts";
import { AF_INET, AF_INET6 } from "../netlink/constants.ts";
import { Memory } from "../netlink/memory.ts";
import type { AddressFamily } from "../table.ts";

export function familyNumber(family: AddressFamily): number {
  return family === "inet" ? AF_INET : AF_INET6;
}

/** Null for the families that have no name here (bridge, MPLS, multicast routing). */
export function familyOfNumber(family: number): AddressFamily | null {
  if (family === AF_INET) return "inet";
  return family === AF_INET6 ? "inet6" : null;
}

/** Four or sixteen octets, as the text says. */
function octetsOf(text: string): Uint8Array {
  const octets = parseAddress(text);
  if (octets === null) throw invalid(`"${text}" is no IPv4 or IPv6 address`);
  return text.includes(":") ? octets : octets.subarray(0, 4);
}

function textOf(memory: Memory, offset: number, length: number): string {
  const octets = memory.u8.subarray(offset, offset + length);
  if (length === 4) return formatAddress("inet", octets);
  if (length === 16) return formatAddress("inet6", octets);
  throw new NetlinkError("malformed", `address of ${length} octets`);
}

/** An address as canonical text; its length is its family. */
export const ipAddress: AttributeType<string> = {
  layout: "4 or 16 octets",
  flags: 0,
  write(memory, offset, value) {
    const octets = octetsOf(value);
    memory.u8.set(octets, offset);
    return octets.length;
  },
  read: textOf,
};

/** struct rtvia: family u16 and the address; a gateway of the other family. */
export const viaAddress: AttributeType<string> = {
  layout: "{family u16, address}",
  flags: 0,
  write(memory, offset, value) {
    const octets = octetsOf(value);
    memory.setU16(offset, octets.length === 4 ? AF_INET : AF_INET6);
    memory.u8.set(octets, offset + 2);
    return 2 + octets.length;
  },
  read: (memory, offset, length) => textOf(memory, offset + 2, length - 2),
};

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

/** A link-layer address as lower-case text: "00:00:5e:00:01:33". Those of tunnels may have other lengths. */
export const linkLayerAddress: AttributeType<string> = {
  layout: "octets",
  flags: 0,
  write(memory, offset, value) {
    if (!MAC.test(value)) throw invalid(`"${value}" is no MAC address`);
    const octets = value.split(":").map((part) => Number.parseInt(part, 16));
    memory.u8.set(octets, offset);
    return octets.length;
  },
  read: (memory, offset, length) =>
    Array.from(memory.u8.subarray(offset, offset + length), (octet) => octet.toString(16).padStart(2, "0")).join(":"),
};

/** Present or not. */
export const present: AttributeType<true> = { layout: "empty", flags: 0, write: () => 0, read: () => true };

/** Whatever it is, to be read once its kind is known. A copy: the receive buffer is used again. */
export const opaque: AttributeType<Memory> = {
  layout: "octets",
  flags: 0,
  write(memory, offset, value) {
    memory.u8.set(value.u8, offset);
    return value.size;
  },
  read: (memory, offset, length) => new Memory(memory.u8.slice(offset, offset + length)),
};

/** Several u32 or u16 in a row. */
export function words(layout: string, bytesEach: 2 | 4, count: number): AttributeType<readonly number[]> {
  return {
    layout,
    flags: 0,
    write(memory, offset, value) {
      value.forEach((word, index) => {
        if (bytesEach === 4) memory.setU32(offset + 4 * index, word);
        else memory.setU16(offset + 2 * index, word);
      });
      return count * bytesEach;
    },
    read(memory, offset, length) {
      if (length < count * bytesEach) throw new NetlinkError("malformed", `${layout} attribute of ${length} octets`);
      return Array.from({ length: count }, (_, index) =>
        bytesEach === 4 ? memory.getU32(offset + 4 * index) : memory.getU16(offset + 2 * index),
      );
    },
  };
}

/** A 64-bit number in network order as decimal text. */
export const be64Text: AttributeType<string> = {
  layout: "be64",
  flags: 0,
  write(memory, offset, value) {
    new DataView(memory.u8.buffer, memory.u8.byteOffset).setBigUint64(offset, BigInt(value));
    return 8;
  },
  read(memory, offset, length) {
    if (length < 8) throw new NetlinkError("malformed", `be64 attribute of ${length} octets`);
    return new DataView(memory.u8.buffer, memory.u8.byteOffset).getBigUint64(offset).toString();
  },
};
