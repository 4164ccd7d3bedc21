import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AdvertSettings } from "./advert.ts";
import { decodeIpv4, decodeIpv6 } from "./decode-advert.ts";
import { encodeAdvert, encodedBytes, signAdverts, stampAdvert } from "./encode-advert.ts";
import { describe as sentenceOf } from "./rejection.ts";
import { type SentAdvert, sentAdverts } from "./testing/arbitraries.ts";
import { advertsOf, captureNames, decodeFrame, firstAdvertOf, packetOf } from "./testing/captures.ts";
import { accepted, activeKey, captureSettings } from "./testing/settings.ts";

/** The packet with these settings, complete as it is sent. */
function sent({ settings, priority, sequence }: SentAdvert): { buffer: Buffer; start: number; end: number } {
  const buffer = Buffer.alloc(encodedBytes(settings) + 8, 0xee);
  const encoded = encodeAdvert(buffer, 5, settings, priority);
  if (settings.signed) signAdverts([encoded], activeKey, sequence);
  if (settings.authentication?.type === "AH") stampAdvert(encoded, sequence.low, 77);
  return encoded;
}

function received({ settings }: SentAdvert, { buffer, start, end }: { buffer: Buffer; start: number; end: number }) {
  if (settings.family === "inet") return decodeIpv4(buffer, start, end);
  const octetsAt = (address: string) =>
    encodeAdvert(Buffer.alloc(9000), 0, { ...settings, source: address }, 1).sourceOctets;
  const { source, destination, ttl } = settings;
  return decodeIpv6(buffer, start, end, {
    source: octetsAt(source),
    destination: octetsAt(destination),
    hopLimit: ttl,
  });
}

/** Addresses that add up to nothing: the checksum with them is the one without. */
function pseudoHeaderIsNothing(settings: AdvertSettings): boolean {
  const [first, second] = (["message", "pseudo-header"] as const).map((checksum) => {
    const buffer = Buffer.alloc(encodedBytes(settings));
    encodeAdvert(buffer, 0, { ...settings, checksum }, 1);
    return buffer;
  });
  return settings.family === "inet" && settings.version === 3 && first?.equals(second ?? first) === true;
}

test("what was encoded reads the same", () => {
  fc.assert(
    fc.property(sentAdverts(), (given) => {
      fc.pre(!pseudoHeaderIsNothing(given.settings));
      const { signed, authentication, ...told } = given.settings;
      const { bytes, sourceOctets: _, ...advert } = accepted(received(given, sent(given)));
      expect(bytes.trailer !== null).toBe(signed);
      expect(advert).toEqual({ ...told, priority: given.priority, authentication: authentication?.type ?? "none" });
    }),
  );
});

test("one octet changed on the way: refused, or it changed nothing that the advert says", () => {
  fc.assert(
    fc.property(sentAdverts(), fc.nat(), fc.integer({ min: 1, max: 255 }), (given, where, change) => {
      const packet = sent(given);
      const { bytes, sourceOctets: _octets, ...before } = accepted(received(given, packet));
      // What an IP header says beside the addresses is not covered by VRRP.
      const at = bytes.message + (where % (bytes.messageEnd - bytes.message));
      packet.buffer[at] = packet.buffer.readUInt8(at) ^ change;
      const decoded = received(given, packet);
      if (!decoded.ok) return;
      const { bytes: _bytes, sourceOctets: _, checksum, ...after } = decoded.advert;
      // With two ways of checksumming accepted over IPv4, a change can turn one into the other: then it is told.
      if (checksum === before.checksum) expect({ ...after, checksum }).toEqual(before);
    }),
    { numRuns: 500 },
  );
});

describe("garbage", () => {
  const captured = captureNames.flatMap(advertsOf);

  test("at random is refused with a reason, or a whole advert", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (garbage, isVrrp) => {
        const buffer = Buffer.from(garbage);
        if (isVrrp && buffer.length > 20) {
          // Past the first checks, to the rest.
          buffer.writeUInt16BE(0x4500, 0);
          buffer.writeUInt16BE(buffer.length, 2);
          buffer[9] = 112;
        }
        for (const decoded of [
          decodeIpv4(buffer, 0, buffer.length),
          decodeIpv6(buffer, 0, buffer.length, {
            source: Buffer.alloc(16),
            destination: Buffer.alloc(16),
            hopLimit: 255,
          }),
        ]) {
          if (!decoded.ok) expect(sentenceOf(decoded.rejection)).not.toBe("");
          else expect(decoded.advert.bytes.end).toBeLessThanOrEqual(buffer.length);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("made from captures never throws", () => {
    const mutations = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...captured), mutations, fc.nat({ max: 90 }), (frame, changes, cut) => {
        const packet = Buffer.from(packetOf(frame));
        for (const [where, octet] of changes) packet[where % packet.length] = octet;
        const decoded = decodeFrame(frame, packet.subarray(0, Math.max(0, packet.length - (cut > 60 ? cut - 60 : 0))));
        if (decoded.ok) expect(decoded.advert.addresses.length).toBeLessThanOrEqual(2);
        else expect(sentenceOf(decoded.rejection)).not.toBe("");
      }),
      { numRuns: 3000 },
    );
  });

  test("a captured advert with any single bit flipped in its message does not read as another one", () => {
    for (const name of captureNames) {
      const frame = firstAdvertOf(name);
      const { bytes } = accepted(decodeFrame(frame));
      for (let bit = 0; bit < (bytes.messageEnd - bytes.message) * 8; bit++) {
        const packet = Buffer.from(packetOf(frame));
        const at = bytes.message - bytes.start + (bit >> 3);
        packet[at] = packet.readUInt8(at) ^ (1 << (bit & 7));
        expect(decodeFrame(frame, packet).ok, `${name}, bit ${bit}`).toBe(false);
      }
    }
  });
});

describe("what is refused", () => {
  const settings = captureSettings.v3;

  /** Version 3 over IPv4, changed before its checksum is made good again. */
  function changed(given: AdvertSettings, change: (message: Buffer) => void) {
    const buffer = Buffer.alloc(encodedBytes(given));
    const { message } = encodeAdvert(buffer, 0, given, 100);
    change(buffer.subarray(message));
    const decoded = decodeIpv4(buffer, 0, buffer.length);
    return decoded.ok ? decoded : decoded.rejection;
  }

  const sum = (message: Buffer, by: number) =>
    message.writeUInt16BE((message.readUInt16BE(6) - by + 0xffff) % 0xffff, 6);

  test.each([
    ["version 4", (m: Buffer) => m.writeUInt8(0x41, 0), { kind: "version", got: 4, wanted: null }],
    ["another type", (m: Buffer) => m.writeUInt8(0x32, 0), { kind: "type", got: 2 }],
    ["more addresses than there are", (m: Buffer) => m.writeUInt8(3, 3), { kind: "too-short", octets: 16, wanted: 20 }],
    ["fewer addresses than there are", (m: Buffer) => m.writeUInt8(1, 3), { kind: "too-long", octets: 16, wanted: 12 }],
    ["another checksum", (m: Buffer) => m.writeUInt8(m.readUInt8(6) ^ 1, 6), { kind: "checksum" }],
    [
      "VRID 0",
      (m: Buffer) => {
        m.writeUInt8(0, 1);
        sum(m, -51);
      },
      { kind: "virtual-router-id", got: 0, wanted: null },
    ],
    [
      "no interval",
      (m: Buffer) => {
        m.writeUInt16BE(0, 4);
        sum(m, -100);
      },
      { kind: "advert-interval", gotMs: 0, wantedMs: null },
    ],
  ])("%s", (_what, change, rejection) => {
    expect(changed(settings, change)).toEqual(rejection);
  });

  test("not: bits that are reserved in version 3", () => {
    const reserved = (message: Buffer) => {
      message.writeUInt16BE(0x5064, 4);
      sum(message, 0x5000);
    };
    expect(changed(settings, reserved)).toMatchObject({ ok: true, advert: { advertMs: 1000 } });
  });

  test("an authentication type that is none", () => {
    const none = (message: Buffer) => {
      message.writeUInt8(3, 4);
      sum(message, 0x300);
    };
    expect(changed(captureSettings.v2, none)).toEqual({ kind: "auth-type-invalid", got: 3 });
  });

  test("an authentication header without its type, and the type without a header", () => {
    const retyped = (type: number, by: number) => (message: Buffer) => {
      message.writeUInt8(type, 4);
      sum(message, by);
    };
    expect(changed(captureSettings.v2, retyped(2, 0x200))).toEqual({ kind: "ah-header", problem: "missing" });
    // The header is there but not written yet: next header 0.
    expect(changed(captureSettings["v2-ah"], () => {})).toEqual({ kind: "ah-header", problem: "malformed" });
    const frame = firstAdvertOf("v2-ah");
    const packet = Buffer.from(packetOf(frame));
    retyped(0, -0x200)(packet.subarray(44));
    expect(decodeFrame(frame, packet)).toMatchObject({ rejection: { kind: "ah-header", problem: "unexpected" } });
  });

  test("version 2 over IPv6", () => {
    const message = packetOf(firstAdvertOf("v2")).subarray(20);
    const facts = { source: Buffer.alloc(16, 1), destination: Buffer.alloc(16, 2), hopLimit: 255 };
    expect(decodeIpv6(message, 0, message.length, facts)).toEqual({
      ok: false,
      rejection: { kind: "version", got: 2, wanted: null },
      virtualRouterId: 51,
      source: "101:101:101:101:101:101:101:101",
    });
  });

  test("anything behind the advert that is no signature, whole or cut", () => {
    const frame = firstAdvertOf("v3-hmac");
    const of = (packet: Buffer) => {
      packet.writeUInt16BE(packet.length, 2);
      const decoded = decodeFrame(frame, packet);
      return decoded.ok ? decoded : decoded.rejection;
    };
    const packet = packetOf(frame);
    expect(of(Buffer.from(packet.subarray(0, 63)))).toEqual({ kind: "too-long", octets: 43, wanted: 16 });
    expect(of(Buffer.concat([packet, Buffer.alloc(1)]))).toEqual({ kind: "too-long", octets: 45, wanted: 16 });
    const otherType = Buffer.from(packet);
    otherType[36] = 2;
    expect(of(otherType)).toEqual({ kind: "too-long", octets: 44, wanted: 16 });
  });

  test("what is not in one piece: an IP header that promises more than there is", () => {
    const packet = packetOf(firstAdvertOf("v2"));
    expect(decodeIpv4(packet, 0, packet.length - 1)).toMatchObject({ rejection: { kind: "ip-header" } });
    // Less than there is: Ethernet pads short frames.
    const padded = Buffer.concat([packet, Buffer.alloc(6)]);
    expect(decodeIpv4(padded, 0, padded.length).ok).toBe(true);
  });
});
