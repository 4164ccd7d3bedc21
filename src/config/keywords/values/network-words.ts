import { addressFamily, canonicalAddress } from "ipvs-netlink";
import { invalid, oneWord, outOfRange, type ParsedValue, type ValueType, valid } from "../value-type.ts";
import { text } from "./text.ts";

/** A group that packets may be sent to, of one family or of either (RFC 5771, RFC 4291 2.7). */
export function multicast(family: "inet" | "inet6" | null): ValueType<string> {
  const expected = `${{ inet: "an IPv4", inet6: "an IPv6", any: "a" }[family ?? "any"]} multicast address`;
  return {
    name: expected.replace(/^an? /, ""),
    expected,
    shape: "word",
    parse: oneWord((word): ParsedValue<string> => {
      const canonical = canonicalAddress(word);
      if (canonical === null) return invalid();
      const own = addressFamily(canonical);
      if (family !== null && own !== family) return invalid(`it is an address of IPv${own === "inet" ? 4 : 6}`);
      return isMulticast(canonical) ? valid(canonical) : invalid("224.0.0.0/4 and ff00::/8 are multicast");
    }),
    format: String,
    input: (z) => z.string(),
  };
}

function isMulticast(canonical: string): boolean {
  if (canonical.includes(":")) return canonical.startsWith("ff");
  const first = Number(canonical.split(".")[0]);
  return first >= 224 && first <= 239;
}

/** `brd`: an IPv4 address, or "+" and "-" for that of the network with the host bits set or cleared. */
export const broadcast: ValueType<string> = {
  name: "broadcast address",
  expected: 'an IPv4 address, "+" or "-"',
  shape: "word",
  parse: oneWord((word): ParsedValue<string> => {
    if (word === "+" || word === "-") return valid(word);
    const canonical = canonicalAddress(word);
    return canonical === null || canonical.includes(":") ? invalid() : valid(canonical);
  }),
  format: String,
  input: (z) => z.string(),
};

const NUMBER = /^(?:0[xX][0-9a-fA-F]+|[0-9]+)$/;

/** A number in decimal or hexadecimal as iproute2 takes it, or one of the names that it has for some. */
export function numberOrName(max: number, names: RegExp | null, expected: string): ValueType<string> {
  return {
    name: expected,
    expected,
    shape: "word",
    parse: oneWord((word): ParsedValue<string> => {
      if (!NUMBER.test(word)) return names?.test(word) ? valid(word) : invalid(`expected ${expected}`);
      return Number(word) <= max ? valid(word) : outOfRange(`expected ${expected}`);
    }),
    format: String,
    input(z) {
      return z.union([z.string(), z.number()]);
    },
  };
}

const UINT32 = 0xffff_ffff;
/** A word of /etc/iproute2, which only the host knows. */
const NAME = /^[a-zA-Z_][^\s\p{Cc}]*$/u;

export const scope = numberOrName(
  255,
  /^(?:global|site|link|host|nowhere)$/,
  "global, site, link, host, nowhere or a number up to 255",
);
export const routingTable = numberOrName(UINT32, NAME, "the number or the name of a routing table");
export const typeOfService = numberOrName(255, NAME, "a number up to 0xff");
export const protocolNumber = numberOrName(255, NAME, "the number or the name of a protocol");

/** IFNAMSIZ of linux/if.h, as for interfaces. */
export const addressLabel = text(
  "label",
  "a label of at most 15 characters",
  /^[^\s\p{Cc}]{1,15}$/u,
  "at most 15 characters",
);
export const realms = text(
  "realms",
  "[from/]to",
  /^[^\s/\p{Cc}]+(?:\/[^\s/\p{Cc}]+)?$/u,
  "one or two numbers or names: 3 or 3/4",
);
