import fc from "fast-check";
import { formatAddress } from "ipvs-netlink";
import { expect, test } from "vitest";
import { addressText } from "./address-text.ts";

const near = fc.tuple(fc.nat({ max: 15 }), fc.nat({ max: 255 }), fc.constantFrom(0, 0x20, 0xfe));

test("an address has the same text however often and in whatever company it is asked for", () => {
  // More addresses than there are slots, and many that differ in one octet only.
  fc.assert(
    fc.property(fc.array(near, { minLength: 1, maxLength: 200, size: "max" }), (given) => {
      for (const [where, octet, first] of [...given, ...given]) {
        const octets = new Uint8Array(18);
        octets[1] = first;
        octets[1 + where] = octet;
        expect(addressText(octets, 1, "inet6")).toBe(formatAddress("inet6", octets.subarray(1, 17)));
        expect(addressText(octets, 1, "inet")).toBe(formatAddress("inet", octets.subarray(1, 5)));
      }
    }),
  );
});
