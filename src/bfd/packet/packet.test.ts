import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONTROL_BYTES, type ControlPacket } from "./control-packet.ts";
import { decodeControlPacket } from "./decode.ts";
import { encodeControlPacket } from "./encode.ts";
import { describeRejection, type Rejection } from "./rejection.ts";
import { controlPackets } from "./testing/arbitraries.ts";

function encoded(packet: ControlPacket): Buffer {
  const buffer = Buffer.alloc(CONTROL_BYTES);
  encodeControlPacket(packet, buffer);
  return buffer;
}

const decoded = (buffer: Buffer) => decodeControlPacket(buffer, 0, buffer.length);

const good: ControlPacket = {
  diagnostic: 1,
  state: "up",
  poll: true,
  final: false,
  controlPlaneIndependent: false,
  demand: false,
  multiplier: 3,
  myDiscriminator: 0x36df9bc1,
  yourDiscriminator: 0x7ef84bf1,
  desiredMinTxUs: 100_000,
  requiredMinRxUs: 150_000,
  requiredMinEchoRxUs: 0,
};

test("what was encoded reads the same", () => {
  fc.assert(
    fc.property(controlPackets(), fc.uint8Array({ maxLength: 40 }), (packet, behind) => {
      const buffer = Buffer.concat([Buffer.from([1, 2, 3]), encoded(packet), behind]);
      expect(decodeControlPacket(buffer, 3, buffer.length)).toEqual({ ok: true, packet });
    }),
  );
});

test("the octets are those of RFC 5880 section 4.1", () => {
  expect(encoded(good).toString("hex")).toBe("21e0031836df9bc17ef84bf1000186a0000249f000000000");
});

test("garbage is refused with a reason, or is a packet that encodes to its own octets", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
      const buffer = Buffer.from(octets);
      const result = decoded(buffer);
      if (!result.ok) expect(describeRejection(result.rejection)).toMatch(/\w/);
      else {
        const again = encoded(result.packet);
        // The length may be longer, nobody asks for what is behind.
        again[3] = buffer[3] as number;
        expect(again).toEqual(buffer.subarray(0, CONTROL_BYTES));
      }
    }),
  );
});

test("one bit changed on the way: refused, or it says something else", () => {
  fc.assert(
    fc.property(controlPackets(), fc.nat({ max: CONTROL_BYTES * 8 - 1 }), (packet, bit) => {
      const buffer = encoded(packet);
      buffer[bit >> 3] = (buffer[bit >> 3] as number) ^ (1 << (bit & 7));
      const result = decoded(buffer);
      if (result.ok) expect(result.packet).not.toEqual(packet);
    }),
  );
});

describe("what is refused (RFC 5880 section 6.8.6)", () => {
  const cases: readonly [name: string, change: (buffer: Buffer) => Buffer, Rejection][] = [
    ["an empty datagram", () => Buffer.alloc(0), { kind: "too_short", octets: 0, wanted: 24 }],
    ["a cut one", (b) => b.subarray(0, 23), { kind: "too_short", octets: 23, wanted: 24 }],
    ["version 0", (b) => b.fill(0x01, 0, 1), { kind: "version", got: 0 }],
    ["version 2", (b) => b.fill(0x41, 0, 1), { kind: "version", got: 2 }],
    ["a length below 24", (b) => b.fill(23, 3, 4), { kind: "length_field", length: 23, wanted: 24 }],
    ["a length beyond the datagram", (b) => b.fill(25, 3, 4), { kind: "too_short", octets: 24, wanted: 25 }],
    ["multiplier 0", (b) => b.fill(0, 2, 3), { kind: "no_multiplier" }],
    ["the multipoint bit", (b) => b.fill(0xc1, 1, 2), { kind: "multipoint" }],
    ["my discriminator 0", (b) => b.fill(0, 4, 8), { kind: "no_discriminator" }],
    ["up to nobody", (b) => b.fill(0, 8, 12), { kind: "addressed_to_nobody", state: "up" }],
    ["init to nobody", (b) => b.fill(0x80, 1, 2).fill(0, 8, 12), { kind: "addressed_to_nobody", state: "init" }],
    ["authentication without its section", (b) => b.fill(0xc4, 1, 2), { kind: "length_field", length: 24, wanted: 26 }],
    [
      "authentication",
      (b) => Buffer.concat([b.fill(0xc4, 1, 2).fill(28, 3, 4), Buffer.from([1, 4, 1, 65])]),
      { kind: "authenticated" },
    ],
  ];
  test.each(cases)("%s", (_name, change, rejection) => {
    expect(decoded(change(encoded(good)))).toEqual({ ok: false, rejection });
  });
});
