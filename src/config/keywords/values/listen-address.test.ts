import fc from "fast-check";
import { expect, test } from "vitest";
import { listenAddress } from "./listen-address.ts";

test.each([
  ["9650", { address: "127.0.0.1", port: 9650 }],
  ["0", { address: "127.0.0.1", port: 0 }],
  ["0.0.0.0:9650", { address: "0.0.0.0", port: 9650 }],
  ["[::]:80", { address: "::", port: 80 }],
  ["[2001:DB8:0::1]:443", { address: "2001:db8::1", port: 443 }],
])("%s", (word, value) => {
  expect(listenAddress.parse([word])).toEqual({ ok: true, value });
  expect(listenAddress.parse([listenAddress.format(value)])).toEqual({ ok: true, value });
});

test.each([
  ["127.0.0.1", "invalid-value", "the port is missing"],
  ["::1", "invalid-value", "the port is missing"],
  ["::1:9650", "invalid-value", "the port is missing"],
  ["2001:db8::1:2:3:4:5:6", "invalid-value", "an IPv6 address stands in brackets"],
  ["[127.0.0.1]:9650", "invalid-value", "an IPv6 address stands in brackets"],
  [":9650", "invalid-value", "all addresses are 0.0.0.0, or [::]"],
  ["*:9650", "invalid-value", "all addresses are 0.0.0.0, or [::]"],
  ["localhost:9650", "invalid-value", "host names are not resolved; write the address"],
  ["http://127.0.0.1:9650", "invalid-value", "leave out http://"],
  ["127.0.0.1:65536", "out-of-range", "ports go from 0 to 65535"],
])("%s is refused with a hint", (word, code, hint) => {
  expect(listenAddress.parse([word])).toMatchObject({ ok: false, code, hint });
});

test("whatever is written, it is a value or a hint", () => {
  fc.assert(
    fc.property(fc.string(), (word) => {
      const parsed = listenAddress.parse([word]);
      if (parsed.ok) expect(parsed.value.port).toBeLessThanOrEqual(65_535);
      else expect(parsed.hint).not.toBe("");
    }),
  );
});
