import { canonicalAddress } from "ipvs-netlink";

import { invalid, oneWord, outOfRange, type ParsedValue, type ValueType, valid } from "../value-type.ts";

/** Words for all addresses, as "ip route" has them. */
export const anything = ["default", "default6", "any", "all"];

/** An address with or without the length of its prefix; `default` and `default6` are all of them. */
export const prefix: ValueType<string> = {
  name: "address[/length]",
  expected: "an address, perhaps with the length of its prefix: 192.0.2.10/24",
  shape: "word",
  parse: oneWord((word): ParsedValue<string> => {
    if (anything.includes(word)) return valid(word);
    const [bare = "", length, more] = word.split("/");
    const canonical = canonicalAddress(bare);
    if (canonical === null || more !== undefined) return invalid();
    if (length === undefined) return valid(canonical);
    if (!/^[0-9]{1,3}$/.test(length)) return invalid("the length of a prefix is a number");
    return Number(length) <= (canonical.includes(":") ? 128 : 32)
      ? valid(`${canonical}/${Number(length)}`)
      : outOfRange("the prefix is longer than the address");
  }),
  format: String,
  input(z) {
    return z.string();
  },
};
