import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { everyKeyword } from "../every-keyword.ts";
import type { ParsedValue, ValueType } from "../value-type.ts";
import { address, endpoint, granularity } from "./address.ts";
import { choice } from "./choice.ts";
import { flag } from "./flag.ts";
import { forwarding } from "./forwarding.ts";
import { integer, port } from "./integer.ts";
import { statusRanges } from "./status-ranges.ts";
import { digest, hostText, interfaceName, nameText, urlPath } from "./text.ts";
import { formatTimer, LONGEST_TIMER_MS, timer, wholeSeconds } from "./timer.ts";

const words = (text: string) => text.split(" ").filter((word) => word !== "");
const parse = <T>(type: ValueType<T>, text: string): ParsedValue<T> => type.parse(words(text));

/** What a type makes of a text: the value, or the code of the problem. */
function outcome<T>(type: ValueType<T>, text: string): T | string {
  const parsed = parse(type, text);
  return parsed.ok ? parsed.value : parsed.code;
}

describe("every type of the table", () => {
  const types = everyKeyword().flatMap(({ keyword: name, entry }) =>
    entry.kind === "value" ? [{ name, type: entry.type, row: entry.row }] : [],
  );
  /** The words of a value that was written back. */
  const written = ({ shape }: ValueType<unknown>, text: string) => {
    if (shape === "words")
      return (text.match(/"[^"]* [^"]*"|[^ ]+/g) ?? []).map((word) => word.replace(/^"(.* .*)"$/, "$1"));
    return shape === "list" || shape === "lines" ? text.split("\n").filter((line) => line !== "") : [text];
  };

  test("refuses or accepts any words, and never throws", () => {
    const anyWords = fc.array(
      fc.oneof(fc.string(), fc.constantFrom("1", "on", "TUN", "type", "gue", "port", "10.0.0.1", "::1", "200-299")),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...types), anyWords, ({ type }, given) => {
        const parsed = type.parse(given);
        if (parsed.ok) {
          const text = type.format(parsed.value);
          expect(type.parse(text === "" ? [] : written(type, text))).toEqual(parsed);
        }
        if (!parsed.ok) expect(parsed.word).toBeLessThanOrEqual(given.length);
      }),
      { numRuns: 5000 },
    );
  });

  test("reads back what it writes of its own default", () => {
    const defaults = types.filter(({ row }) => row.default !== undefined);
    expect(defaults.length).toBeGreaterThan(20);
    for (const { type, row } of defaults) {
      expect(type.parse(words(type.format(row.default)))).toEqual({ ok: true, value: row.default });
    }
  });

  /** The name of a type that needs no value is in brackets. */
  const mayStandAlone = ({ shape, name }: ValueType<unknown>) => shape === "optional" || /^\[/.test(name);

  test("needs a value unless it may stand alone", () => {
    for (const { name, type } of types.filter((each) => !mayStandAlone(each.type))) {
      expect(type.parse([]), name).toMatchObject({ ok: false, code: "missing-value" });
    }
  });
});

describe("timers", () => {
  test.each([
    ["6", 6000],
    ["2.5", 2500],
    [".5", 500],
    ["500ms", 500],
    ["2s", 2000],
    ["1.5m", 90_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
    ["0.0001", 1],
    ["0", 0],
    ["25d", "out-of-range"],
    ["-1", "out-of-range"],
    ["six", "invalid-value"],
    ["6 s", "too-many-values"],
    ["1e3", "invalid-value"],
    ["0x10", "invalid-value"],
    ["1.2.3", "invalid-value"],
    ["5M", "invalid-value"],
    ["Infinity", "invalid-value"],
  ])("%s", (text, expected) => expect(outcome(timer(0), text)).toBe(expected));

  test("any number of milliseconds can be written and read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LONGEST_TIMER_MS }), (ms) => {
        expect(outcome(timer(0), formatTimer(ms))).toBe(ms);
      }),
    );
  });

  test("the range holds at both ends", () => {
    const type = timer(100, 5000);
    expect(["99ms", "100ms", "5", "5001ms"].map((text) => outcome(type, text))).toEqual([
      "out-of-range",
      100,
      5000,
      "out-of-range",
    ]);
  });

  test("persistence is whole seconds, 6 minutes when it stands alone", () => {
    const type = wholeSeconds(1, 2_678_400, 360);
    expect(["", "50", "1m", "31d", "32d", "0", "1.5", "500ms"].map((text) => outcome(type, text))).toEqual([
      360,
      50,
      60,
      2_678_400,
      "out-of-range",
      "out-of-range",
      "invalid-value",
      "out-of-range",
    ]);
  });
});

describe("numbers and flags", () => {
  test("integers are decimal and within their range", () => {
    const type = integer(1, 10);
    expect(["1", "10", "0", "11", "-1", "1.0", "0x1", "1e1", "ten", "010"].map((text) => outcome(type, text))).toEqual([
      1,
      10,
      "out-of-range",
      "out-of-range",
      "out-of-range",
      "invalid-value",
      "invalid-value",
      "invalid-value",
      "invalid-value",
      10,
    ]);
    expect(["0", "1", "65535", "65536"].map((text) => outcome(port, text))).toEqual([
      "out-of-range",
      1,
      65535,
      "out-of-range",
    ]);
  });

  test("flags are on when they stand alone", () => {
    expect(["", "true", "on", "YES", "false", "off", "no", "1", "on off"].map((text) => outcome(flag, text))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      "invalid-value",
      "too-many-values",
    ]);
  });

  test("choices mind the case unless they do not, and suggest", () => {
    expect(outcome(choice(["NAT", "DR"]), "nat")).toBe("invalid-value");
    expect(outcome(choice(["TCP", "UDP"], { anyCase: true }), "tcp")).toBe("TCP");
    expect(choice(["wrr", "wlc"]).parse(["wwr"])).toMatchObject({ hint: 'did you mean "wrr"?' });
    expect(choice(["NAT", "DR"]).parse(["qqqqqq"])).toMatchObject({ hint: null });
  });
});

describe("addresses", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:DB8:0:0:0::1", "2001:db8::1"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["192.0.2.01", "invalid-value"],
    ["192.0.2", "invalid-value"],
    ["192.0.2.256", "invalid-value"],
    ["1.2.3.4.5", "invalid-value"],
    ["fe80::1%eth0", "invalid-value"],
    ["::1::", "invalid-value"],
    ["12345::", "invalid-value"],
    ["localhost", "invalid-value"],
  ])("%s", (text, expected) => expect(outcome(address, text)).toBe(expected));

  test("an endpoint is an address with or without a port", () => {
    expect(outcome(endpoint, "10.0.0.9 80")).toEqual({ address: "10.0.0.9", port: 80 });
    expect(outcome(endpoint, "FD00::9")).toEqual({ address: "fd00::9", port: null });
    expect(endpoint.parse(["10.0.0.9", "http"])).toMatchObject({ code: "invalid-value", word: 1 });
    expect(endpoint.parse(["10.0.0.9", "80", "81"])).toMatchObject({ code: "too-many-values", word: 2 });
  });

  test("granularity is a netmask or a prefix length", () => {
    expect(outcome(granularity, "255.255.255.0")).toEqual({ prefixLength: 24, family: "inet" });
    expect(outcome(granularity, "24")).toEqual({ prefixLength: 24, family: null });
    expect(outcome(granularity, "64")).toEqual({ prefixLength: 64, family: "inet6" });
    expect(["255.0.255.0", "0.0.0.0", "0", "129", "ffff::"].map((text) => outcome(granularity, text))).toEqual([
      "invalid-value",
      "out-of-range",
      "out-of-range",
      "out-of-range",
      "invalid-value",
    ]);
  });
});

describe("forwarding", () => {
  test.each([
    ["NAT", { method: "NAT", tunnel: null }],
    ["DR", { method: "DR", tunnel: null }],
    ["TUN", { method: "TUN", tunnel: { type: "ipip", port: 0, checksum: "none" } }],
    ["TUN type gre csum", { method: "TUN", tunnel: { type: "gre", port: 0, checksum: "csum" } }],
    ["TUN type gue port 6080 remcsum", { method: "TUN", tunnel: { type: "gue", port: 6080, checksum: "remcsum" } }],
    ["TUN nocsum type ipip", { method: "TUN", tunnel: { type: "ipip", port: 0, checksum: "none" } }],
    ["TUN type gue", "invalid-value"],
    ["TUN type gue port", "missing-value"],
    ["TUN type", "invalid-value"],
    ["TUN type gre type ipip", "invalid-value"],
    ["TUN csum", "invalid-value"],
    ["LOCAL", "invalid-value"],
    ["NAT csum", "invalid-value"],
  ])("%s", (text, expected) => expect(outcome(forwarding, text)).toEqual(expected));
});

describe("HTTP", () => {
  test("status codes and ranges", () => {
    expect(outcome(statusRanges, "200-299 404")).toEqual([
      { from: 200, to: 299 },
      { from: 404, to: 404 },
    ]);
    expect(["99", "600", "300-200", "2xx", "200 - 299", "200,204"].map((text) => outcome(statusRanges, text))).toEqual([
      "out-of-range",
      "out-of-range",
      "invalid-value",
      "invalid-value",
      "invalid-value",
      "invalid-value",
    ]);
    expect(statusRanges.parse(["200", "2xx"])).toMatchObject({ word: 1, hint: "write 200-299" });
  });

  test("a digest is MD5 or SHA-1 in hex, kept in lower case", () => {
    expect(outcome(digest, "9B3A0C85A887A256D6939DA88AABD8CD")).toBe("9b3a0c85a887a256d6939da88aabd8cd");
    expect(outcome(digest, "da39a3ee5e6b4b0d3255bfef95601890afd80709")).toHaveLength(40);
    expect(digest.parse(["9b3a"])).toMatchObject({
      code: "invalid-value",
      hint: 'this has 4; take what "lbctl genhash" prints',
    });
  });

  test("what goes into a request cannot carry another header", () => {
    for (const text of ["/a\r\nX: 1", "/a b", "a", "", "/é"]) expect(urlPath.parse([text]).ok).toBe(false);
    for (const text of ["a\nb", "a b", ""]) expect(hostText.parse([text]).ok).toBe(false);
    expect(urlPath.parse(["/a?b=%20"]).ok).toBe(true);
  });

  test("names are single words, interfaces as the kernel has them", () => {
    expect(["web", "a b", "", "x".repeat(64)].map((text) => nameText.parse([text]).ok)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(["eth0", "a/b", "sixteen-letters."].map((text) => interfaceName.parse([text]).ok)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
