import { expect, test } from "vitest";
import type { AdvertSettings } from "./advert.ts";
import { encodeAdvert, encodedBytes } from "./encode-advert.ts";
import type { PacketErrorCode } from "./packet-error.ts";
import { captureSettings } from "./testing/settings.ts";

const { v2, v3 } = captureSettings;
const v6 = captureSettings["v3-ipv6"];

test.each<[string, AdvertSettings, PacketErrorCode]>([
  ["an IPv6 address in IPv4", { ...v3, addresses: ["fe80::1"] }, "address"],
  ["an IPv4 address in IPv6", { ...v6, addresses: ["192.0.2.1"] }, "address"],
  ["no address", { ...v3, source: "" }, "address"],
  ["a source of the other family", { ...v6, source: "192.0.2.1" }, "address"],
  ["256 addresses", { ...v3, addresses: Array.from({ length: 256 }, () => "192.0.2.1") }, "too-many-addresses"],
  ["half a second in version 2", { ...v2, advertMs: 500 }, "advert-interval"],
  ["256 seconds in version 2", { ...v2, advertMs: 256_000 }, "advert-interval"],
  ["5 ms in version 3", { ...v3, advertMs: 5 }, "advert-interval"],
  ["41 seconds in version 3", { ...v3, advertMs: 40_960 }, "advert-interval"],
])("%s is refused", (_what, settings, code) => {
  expect(() => encodeAdvert(Buffer.alloc(9000), 0, settings, 1)).toThrow(expect.objectContaining({ code }));
});

test("an advert needs its room, and not an octet more", () => {
  const bytes = encodedBytes(v6);
  expect(encodeAdvert(Buffer.alloc(bytes + 3), 3, v6, 1).end).toBe(bytes + 3);
  expect(() => encodeAdvert(Buffer.alloc(bytes + 3), 4, v6, 1)).toThrow(expect.objectContaining({ code: "no-room" }));
});
