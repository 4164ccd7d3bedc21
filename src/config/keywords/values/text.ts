import { invalid, oneWord, type ValueType, valid } from "../value-type.ts";

/** One text that matches the pattern. */
export function text(name: string, expected: string, pattern: RegExp, hint: string | null): ValueType<string> {
  return {
    name,
    expected,
    shape: "word",
    parse: oneWord((word) => (pattern.test(word) ? valid(word) : invalid(hint))),
    format: String,
    // YAML reads a text of digits as a number: editors see that.
    input(z) {
      return z.union([z.string().regex(pattern), z.number()]);
    },
  };
}

/** A word that people type in commands: no blanks, no control characters. */
export const nameText = text(
  "name",
  "a name without blanks, at most 63 characters",
  /^[^\s\p{Cc}]{1,63}$/u,
  "it is typed in commands and stands in log lines",
);

/** Of a director: part of file names, and typed in commands. */
export const directorName = text(
  "name",
  'a name without blanks and slashes that starts with a letter or a digit and not with "net-", at most 63 characters',
  /^(?!net-)[A-Za-z0-9][^\s/\p{Cc}]{0,62}$/u,
  "it is the name of the run directory: /run/lbctl/NAME",
);

export const printableText = text("text", "printable text", /^[^\p{Cc}]+$/u, null);

/** Goes to the matcher as it is. A keepalived.conf may have "\t" and "\n" in it. */
export const regexText: ValueType<string> = {
  ...text("regular expression", "a regular expression", /^[^\0]+$/, null),
  escaped: true,
};

/** One of several words: without blanks. */
export const wordText = text("word", "a word without blanks", /^[^\s\p{Cc}]+$/u, null);

/** IFNAMSIZ of linux/if.h is 16 with the final NUL. */
export const interfaceName = text(
  "interface",
  "the name of a network interface, at most 15 characters",
  /^[^\s/\p{Cc}]{1,15}$/u,
  null,
);

/** Goes into a request line as it is (RFC 9112 3.2). */
export const urlPath = text(
  "path",
  'a path that starts with "/" and has no blanks',
  /^\/[\x21-\x7e]*$/,
  'write what follows the host in the URL: "/" or "/health?full=1"; blanks and non-ASCII characters as %20 and the like',
);

/** Goes into a Host header as it is. */
export const hostText = text(
  "host",
  "a host name, with :port where the server wants one",
  /^[\x21-\x7e]{1,255}$/,
  "only printable ASCII without blanks can stand in a Host header",
);

/** RFC 1035 2.3.4; without escapes. */
export const domainName = text(
  "name",
  'a domain name, or "." for the root',
  /^(?=.{1,254}$)(?:\.|(?:[\x21-\x2d\x2f-\x7e]{1,63}\.)*[\x21-\x2d\x2f-\x7e]{1,63}\.?)$/,
  "labels of 1 to 63 characters with dots between them, 253 in all",
);

const hexDigest = text(
  "hex digits",
  "32 hex digits (MD5) or 40 (SHA-1)",
  /^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40})$/,
  'take what "lbctl genhash" prints',
);

export const digest: ValueType<string> = {
  ...hexDigest,
  parse: (words) => {
    const parsed = hexDigest.parse(words);
    if (parsed.ok) return valid(parsed.value.toLowerCase());
    const length = words[0]?.length ?? 0;
    return /^[0-9a-f]+$/i.test(words[0] ?? "") ? invalid(`this has ${length}; ${parsed.hint}`) : parsed;
  },
};
