import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HMAC_INPUT_OFFSET, hmacSha256, parseHmacKey, parseHmacKeyFile, prepareHmacKey } from "./hmac-key.ts";

test("HMAC-SHA-256 is that of node:crypto, for keys of every length", () => {
  const keys = fc.uint8Array({ minLength: 32, maxLength: 64 });
  fc.assert(
    fc.property(keys, fc.uint8Array({ maxLength: 300 }), (octets, message) => {
      const input = Buffer.alloc(HMAC_INPUT_OFFSET + 300, 0xee);
      input.set(message, HMAC_INPUT_OFFSET);
      const mac = hmacSha256(prepareHmacKey(1, octets), input, HMAC_INPUT_OFFSET + message.length);
      expect(Buffer.from(mac, "latin1")).toEqual(createHmac("sha256", octets).update(message).digest());
    }),
  );
});

describe("a key", () => {
  const hex = "0a".repeat(32);

  test.each([
    ["text", "k".repeat(32), { octets: Buffer.from("k".repeat(32)) }],
    ["digits", `hex:${hex}`, { octets: Buffer.alloc(32, 10) }],
    ["capital digits", `hex:${hex.toUpperCase()}`, { octets: Buffer.alloc(32, 10) }],
    ["a path", "file:/etc/lbctl/key", { file: "/etc/lbctl/key" }],
    ["a text that is too short", "k".repeat(31), { problem: "length" }],
    ["a text that is too long", "k".repeat(65), { problem: "length" }],
    ["a text of too many octets", "ü".repeat(33), { problem: "length" }],
    ["digits that are too few", `hex:${"0a".repeat(31)}`, { problem: "length" }],
    ["half an octet", `hex:${hex}0`, { problem: "hex" }],
    ["no digits", `hex:${"zz".repeat(32)}`, { problem: "hex" }],
    ["nothing", "", { problem: "length" }],
  ])("is %s", (_what, text, source) => {
    expect(parseHmacKey(text)).toEqual(source);
  });

  test.each([
    ["octets", Buffer.alloc(32, 0xff), { octets: Buffer.alloc(32, 0xff) }],
    ["a line of text", Buffer.from(`${"k".repeat(32)}\n`), { octets: Buffer.from("k".repeat(32)) }],
    ["a line of Windows", Buffer.from(`${"k".repeat(32)}\r\n`), { octets: Buffer.from("k".repeat(32)) }],
    ["a line of digits", Buffer.from(`hex:${hex}\n`), { octets: Buffer.alloc(32, 10) }],
    ["64 octets that end like a line", Buffer.alloc(64, 10), { octets: Buffer.alloc(64, 10) }],
    ["64 octets of digits", Buffer.from(`hex:${"0a".repeat(30)}`), { problem: "length" }],
    ["nothing", Buffer.alloc(0), { problem: "length" }],
  ])("in a file is %s", (_what, contents, source) => {
    expect(parseHmacKeyFile(contents)).toEqual(source);
  });
});
