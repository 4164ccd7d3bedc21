import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { encodeAdvert, encodedBytes, signAdverts } from "./encode-advert.ts";
import { readKeyId, readSequence, verifyTrailer } from "./hmac-trailer.ts";
import { activeKey, captureSettings } from "./testing/settings.ts";

test("a signature over IPv6 is the HMAC of family, version, VRID, source, message and trailer", () => {
  const settings = { ...captureSettings["v3-ipv6"], signed: true };
  const buffer = Buffer.alloc(encodedBytes(settings) + 5);
  const encoded = encodeAdvert(buffer, 5, settings, 150);
  const { message, messageEnd, end, sourceOctets } = encoded;
  signAdverts([encoded], activeKey, { high: 0x6b00cc31, low: 0xf7d20001 });

  const trailer = { buffer, message, trailer: messageEnd, end };
  expect(buffer.toString("hex", messageEnd, messageEnd + 12)).toBe("010200006b00cc31f7d20001");
  expect(readKeyId(trailer)).toBe(2);
  expect(readSequence(trailer)).toEqual({ high: 0x6b00cc31, low: 0xf7d20001 });

  const signed = Buffer.from(buffer.subarray(message, end));
  signed.fill(0, 6, 8);
  signed.fill(0, signed.length - 16);
  const key = Buffer.from(Uint8Array.from({ length: 32 }, (_, at) => 0x20 + at));
  const context = Buffer.from("06033300fe8000000000000064ce6cfffe27238e", "hex");
  const digest = createHmac("sha256", key).update(context).update(signed).digest("hex");
  expect(buffer.toString("hex", end - 16, end)).toBe(digest.slice(0, 32));
  expect(verifyTrailer(trailer, sourceOctets, activeKey)).toBe(true);
});
