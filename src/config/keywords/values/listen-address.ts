import { canonicalAddress } from "ipvs-netlink";
import { invalid, oneWord, outOfRange, type ParsedValue, type ValueType, valid } from "../value-type.ts";

/** Where a TCP listener is. Port 0: the kernel chooses one. */
export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

const loopback = "127.0.0.1";

/** ADDRESS:PORT, [ADDRESS]:PORT for IPv6, or the port alone for the loopback address. */
export const listenAddress: ValueType<ListenAddress> = {
  name: "[address:]port",
  expected: "a port, or an address and a port: 9650, 192.0.2.1:9650, [2001:db8::1]:9650",
  shape: "word",
  parse: oneWord(parseListenAddress),
  format: listenAddressText,
  input: (z) => z.union([z.string(), z.int().min(0).max(65_535)]),
};

/** "127.0.0.1:9650", "[::1]:9650". */
export function listenAddressText({ address, port }: ListenAddress): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function parseListenAddress(word: string): ParsedValue<ListenAddress> {
  const [, bracketed, plain, digits = ""] = /^(?:(?:\[(.*)\]|([^:]*)):)?([0-9]+)$/.exec(word) ?? [];
  if (digits === "") return invalid(hintFor(word));
  const port = Number(digits);
  if (port > 65_535) return outOfRange("ports go from 0 to 65535");
  const written = bracketed ?? plain;
  if (written === undefined) return valid({ address: loopback, port });
  const address = canonicalAddress(written);
  if (address === null || address.includes(":") !== (bracketed !== undefined)) return invalid(hintFor(word));
  return valid({ address, port });
}

function hintFor(word: string): string {
  if (canonicalAddress(word) !== null) return "the port is missing";
  if (/^:|^\*/.test(word)) return "all addresses are 0.0.0.0, or [::]";
  if (/^https?:/.test(word)) return "leave out http://";
  if (/[g-z]/i.test(word)) return "host names are not resolved; write the address";
  return "an IPv6 address stands in brackets";
}
