import { canonicalAddress } from "ipvs-netlink";
import {
  invalid,
  missing,
  oneWord,
  outOfRange,
  type ParsedValue,
  tooMany,
  type ValueType,
  valid,
} from "../value-type.ts";
import { integer } from "./integer.ts";
import { multicast } from "./network-words.ts";
import { options } from "./options.ts";
import { interfaceName, text, wordText } from "./text.ts";
import { wholeSeconds } from "./timer.ts";

export const absolutePath = text("absolute path", "an absolute path", /^\/[^\p{Cc}]*$/u, 'it starts with "/"');

export const filePath = text("path", "a path", /^[^\p{Cc}]+$/u, null);

/** A path, or the keyword alone for a default. */
export const optionalPath = optional(absolutePath);

/** The type, or the keyword alone: null. */
export function optional<T>(type: ValueType<T>): ValueType<T | null> {
  return {
    name: `[${type.name}]`,
    expected: `nothing, or ${type.expected}`,
    shape: "optional",
    parse: (words) => (words.length === 0 ? valid(null) : type.parse(words)),
    format: (value) => (value === null ? "" : type.format(value)),
    input(z) {
      return z.union([z.null(), type.input(z)]);
    },
  };
}

/** Numbers of processors, as /proc/cpuinfo has them. */
export const processors: ValueType<readonly number[]> = {
  name: "numbers of processors",
  expected: "one or more numbers of processors from 0 to 4095",
  shape: "words",
  parse: (words) => {
    if (words.length === 0) return missing();
    const strange = words.findIndex((word) => !/^[0-9]{1,4}$/.test(word) || Number(word) > 4095);
    return strange < 0 ? valid(words.map(Number)) : invalid(null, strange);
  },
  format: (value) => value.join(" "),
  input(z) {
    return z.union([z.int(), z.string(), z.array(z.int())]);
  },
};

const permissionBits: Readonly<Record<string, number>> = {
  IRUSR: 0o400,
  IWUSR: 0o200,
  IXUSR: 0o100,
  IRWXU: 0o700,
  IRGRP: 0o040,
  IWGRP: 0o020,
  IXGRP: 0o010,
  IRWXG: 0o070,
  IROTH: 0o004,
  IWOTH: 0o002,
  IXOTH: 0o001,
  IRWXO: 0o007,
};

/** A number in octal (022), hexadecimal (0x12) or decimal, or names of bits with "|" between them. */
export const umask: ValueType<number> = {
  name: "number or names of bits",
  expected: 'a mask as a number (022) or as names of bits: "IWGRP | IWOTH"',
  shape: "words",
  parse: (words): ParsedValue<number> => {
    const [first] = words;
    if (first === undefined) return missing();
    if (/^[0-9]/.test(first)) {
      if (words.length > 1) return tooMany(1);
      const number = /^0[0-7]*$/.test(first) ? Number.parseInt(first, 8) : Number(first);
      if (!Number.isInteger(number)) return invalid("octal numbers start with 0");
      return number <= 0o777 ? valid(number) : outOfRange("at most 0777");
    }
    const bits = words
      .join(" ")
      .split("|")
      .map((name) => permissionBits[name.trim()]);
    if (bits.includes(undefined)) return invalid(`the bits are ${Object.keys(permissionBits).join(", ")}`);
    return valid(bits.reduce<number>((all, bit) => all | (bit ?? 0), 0));
  },
  format: (mask) => `0${mask.toString(8)}`,
  input(z) {
    return z.union([z.int().min(0).max(0o777), z.string()]);
  },
};

const checks = ["readable", "match", "wildcard_match", "brace_match"] as const;

/** Checks of include, each with "+" or "-" before it or neither; none is all of them. */
export const includeChecks: ValueType<readonly string[]> = {
  name: "[+ | -][readable | match | wildcard_match | brace_match] ...",
  expected: `nothing, or some of ${checks.join(", ")}, perhaps with + or - before them`,
  shape: "words",
  parse: (words) => {
    const strange = words.findIndex((word) => !checks.some((check) => word.replace(/^[+-]/, "") === check));
    return strange < 0 ? valid(words) : invalid(null, strange);
  },
  format: (value) => value.join(" "),
  input(z) {
    return z.union([z.null(), z.string(), z.array(z.string())]);
  },
};

const seconds = wholeSeconds(0, 2_678_400);

export const lvsTimeouts = options({
  name: "[tcp seconds] [tcpfin seconds] [udp seconds]",
  expected: "tcp, tcpfin and udp, each with seconds from 0 to 2678400",
  unnamed: {},
  needed: 0,
  options: { tcp: seconds, tcpfin: seconds, udp: seconds },
});

export const syncDaemon = options({
  name: "interface [[inst] instance] [id 0-255] [maxlen bytes] [port port] [ttl 1-255] [group address]",
  expected: "an interface, then perhaps the VRRP instance to follow and options",
  unnamed: { interface: interfaceName, instance: wordText },
  needed: 1,
  options: {
    inst: wordText,
    id: integer(0, 255),
    maxlen: integer(1, 65_507),
    port: integer(1, 65_535),
    ttl: integer(1, 255),
    group: multicast(null),
  },
});

const mailHost: ValueType<string> = {
  ...wordText,
  parse: oneWord((word): ParsedValue<string> => {
    const meant = /^[0-9.]+$/.test(word) || word.includes(":");
    if (!meant) return wordText.parse([word]);
    const address = canonicalAddress(word);
    return address === null ? invalid("it looks like an address, and is none") : valid(word);
  }),
};

/** A host and a port. */
export const mailServer = options({
  name: "host [port]",
  expected: "an address or a host name, then perhaps a port",
  unnamed: { host: mailHost, port: integer(1, 65_535) },
  needed: 1,
  options: {},
});

export const mailAddress = text("mail address", "a mail address", /^[^\s\p{Cc}]+$/u, null);
