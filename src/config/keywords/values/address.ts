import { canonicalAddress } from "ipvs-netlink";

import { prefixLengthOfNetmask } from "../../../net/netmask.ts";
import { invalid, oneWord, outOfRange, type ParsedValue, type ValueType, valid } from "../value-type.ts";
import { port } from "./integer.ts";

/** An IP address in canonical form. */
export const address: ValueType<string> = {
  name: "address",
  expected: "an IPv4 or IPv6 address",
  shape: "word",
  parse: oneWord(parseAddressWord),
  format: String,
  input: (z) => z.string(),
};

function parseAddressWord(word: string): ParsedValue<string> {
  const canonical = canonicalAddress(word);
  return canonical === null ? invalid(addressHint(word)) : valid(canonical);
}

function addressHint(word: string): string | null {
  const [bare = ""] = word.split("/", 1);
  if (bare !== word && canonicalAddress(bare) !== null) return `leave out the prefix length: ${bare}`;
  if (/%/.test(word)) return "leave out the zone; bind_if names the interface";
  if (/^\[.*\]$/.test(word)) return "leave out the brackets";
  if (/^\[.*\]:[0-9]+$/.test(word) || /^[0-9.]+:[0-9]+$/.test(word))
    return "the port stands apart from the address, where there is one";
  if (/(?:^|\.)0[0-9]/.test(word)) return "an octet with a leading zero is octal for some programs; leave the zero out";
  if (/^[0-9.]+$/.test(word)) return "four numbers from 0 to 255";
  if (/[g-z]/i.test(word)) return "host names are not resolved; write the address";
  return null;
}

export interface Endpoint {
  readonly address: string;
  /** Null: that of the virtual server. */
  readonly port: number | null;
}

/** "10.0.0.9 80" or "10.0.0.9"; in YAML also a map of address and port. */
export const endpoint: ValueType<Endpoint> = {
  name: "address [port]",
  expected: 'an address and a port: "10.0.0.9 80"',
  shape: "words",
  fields: ["address", "port"],
  parse: ([addressWord, portWord, ...more]) => {
    if (addressWord === undefined) return { ok: false, code: "missing-value", word: 0, hint: null };
    if (more.length > 0) return { ok: false, code: "too-many-values", word: 2, hint: null };
    const parsedAddress = address.parse([addressWord]);
    if (!parsedAddress.ok)
      return /:[0-9]+$/.test(addressWord) ? invalid("a blank separates address and port") : parsedAddress;
    if (portWord === undefined) return valid({ address: parsedAddress.value, port: null });
    const parsedPort = port.parse([portWord]);
    return parsedPort.ok
      ? valid({ address: parsedAddress.value, port: parsedPort.value })
      : { ...parsedPort, word: 1, hint: parsedPort.hint ?? "a port is a number from 1 to 65535" };
  },
  format: (value) => (value.port === null ? value.address : `${value.address} ${value.port}`),
  input: (z) => z.union([z.string(), z.strictObject({ address: address.input(z), port: port.input(z).optional() })]),
};

export interface Granularity {
  readonly prefixLength: number;
  /** The family that the notation implies; null when it fits both. */
  readonly family: "inet" | "inet6" | null;
}

/** An IPv4 netmask or a prefix length. */
export const granularity: ValueType<Granularity> = {
  name: "netmask or prefix length",
  expected: "an IPv4 netmask (255.255.255.0) or a prefix length from 1 to 128",
  shape: "word",
  parse: oneWord((word): ParsedValue<Granularity> => {
    if (/^[0-9]+$/.test(word)) {
      const prefixLength = Number(word);
      if (prefixLength < 1 || prefixLength > 128) return outOfRange();
      return valid({ prefixLength, family: prefixLength > 32 ? "inet6" : null });
    }
    if (/^\/[0-9]+$/.test(word)) return invalid('leave out the "/"');
    if (canonicalAddress(word) === null || word.includes(":")) return invalid();
    const prefixLength = prefixLengthOfNetmask(word);
    if (prefixLength === null) return invalid("the ones of a netmask are contiguous");
    return prefixLength === 0 ? outOfRange("it would make all clients one") : valid({ prefixLength, family: "inet" });
  }),
  format: ({ prefixLength }) => String(prefixLength),
  input: (z) => z.union([z.int().min(1).max(128), z.string()]),
};
