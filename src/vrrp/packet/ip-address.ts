import { type AddressFamily, parseAddress } from "ipvs-netlink";
import { addressBytes } from "../../net/address-text.ts";
import { PacketError } from "./packet-error.ts";

/** Writes an address in network order; answers the offset after it. Throws PacketError `address` for other text. */
export function writeAddress(buffer: Buffer, offset: number, family: AddressFamily, text: string): number {
  const octets = text.includes(":") === (family === "inet6") ? parseAddress(text) : null;
  if (octets === null) throw new PacketError("address", `"${text}" is no ${family} address`);
  const bytes = addressBytes(family);
  for (let at = 0; at < bytes; at++) buffer[offset + at] = octets[at] as number;
  return offset + bytes;
}
