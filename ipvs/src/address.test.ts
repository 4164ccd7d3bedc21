import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalAddress, formatAddress, parseAddress } from "./address.ts";

const octets4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
const octets16 = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe("canonicalAddress", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["::1", "::1"],
    ["2001:DB8::A", "2001:db8::a"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    // The longest run is shortened, the first of equals, never a single group (RFC 5952 4.2).
    ["2001:db8:0:0:1:0:0:0", "2001:db8:0:0:1::"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::ffff:c000:201", "::ffff:192.0.2.1"],
    ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"],
    ["::192.0.2.1", "::c000:201"],
  ])("%s is %s", (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  test.each([
    "",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::12345",
    "::g",
    "fe80::1%eth0",
    "[::1]",
    "::1.2.3",
    "1.2.3.4::",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    "1.2.3.-4",
    "web.example",
  ])("%j is no address", (text) => {
    expect(canonicalAddress(text)).toBeNull();
  });

  test("accepts exactly what Node's parser accepts, zones aside", () => {
    const shaped = fc.stringMatching(/^[0-9a-f:.]{1,24}$/);
    fc.assert(
      fc.property(fc.oneof(shaped, fc.ipV6(), fc.ipV4(), fc.string()), (text) => {
        fc.pre(!text.includes("%"));
        expect(parseAddress(text) !== null).toBe(isIPv4(text) || isIPv6(text));
      }),
      { numRuns: 2000 },
    );
  });
});

test("octets survive their text", () => {
  fc.assert(
    fc.property(octets16, (octets) => {
      const text = formatAddress("inet6", octets);
      expect(parseAddress(text)).toEqual(octets);
      expect(canonicalAddress(text)).toBe(text);
    }),
  );
  fc.assert(
    fc.property(octets4, (octets) => {
      const text = formatAddress("inet", octets);
      expect(parseAddress(text)?.subarray(0, 4)).toEqual(octets);
    }),
  );
});

test("IPv6 text is what the URL parser, another implementation of RFC 5952's shortening, gives", () => {
  // Runs of zeros are what makes texts differ.
  const sparse = fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(sparse, (list) => {
      const octets = Uint8Array.from(list);
      const text = formatAddress("inet6", octets);
      fc.pre(!text.includes("."));
      expect(`[${text}]`).toBe(new URL(`http://[${text}]/`).hostname);
    }),
  );
});
