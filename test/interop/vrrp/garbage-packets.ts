import fc from "fast-check";
import type { AdvertSettings } from "../../../src/vrrp/packet/advert.ts";
import { passwordOctets } from "../../../src/vrrp/packet/authentication-header.ts";
import {
  type EncodedAdvert,
  encodeAdvert,
  encodedBytes,
  signAdverts,
  stampAdvert,
  writePriority,
} from "../../../src/vrrp/packet/encode-advert.ts";
import { type HmacKey, prepareHmacKey } from "../../../src/vrrp/packet/hmac-key.ts";
import { sequenceOfClock } from "../../../src/vrrp/packet/sequence.ts";
import { captureSettings } from "../../../src/vrrp/packet/testing/settings.ts";
import { type InstanceText, instanceText } from "./instance-text.ts";

/** An instance, how to make any router of it yield, and what must make none yield. */
export interface GarbageCase {
  readonly name: string;
  readonly address: string;
  readonly config: (priority: number) => string;
  /** An advert that is right in all, made now. */
  readonly good: () => Buffer;
  /** Each would make any router yield if it were believed. */
  readonly garbage: fc.Arbitrary<Buffer>;
}

const headerBytes = 20;
const bestPriority = 254;
const password = "s3cret";
const keyText = "one-key-of-thirty-two-octets-or-m";

function encode(settings: AdvertSettings, priority = bestPriority): EncodedAdvert {
  return encodeAdvert(Buffer.alloc(encodedBytes(settings)), 0, settings, priority);
}

function oneBitOff(whole: () => Buffer): fc.Arbitrary<Buffer> {
  const octets = whole().length;
  return fc.integer({ min: headerBytes * 8, max: octets * 8 - 1 }).map((bit) => {
    const packet = Buffer.from(whole());
    packet[bit >> 3] = (packet[bit >> 3] as number) ^ (1 << (bit & 7));
    return packet;
  });
}

function cutShort(whole: () => Buffer): fc.Arbitrary<Buffer> {
  const octets = whole().length;
  return fc.integer({ min: headerBytes, max: octets - 1 }).map((length) => Buffer.from(whole().subarray(0, length)));
}

/** Of one octet or many behind the first `kept` octets. */
function randomBehind(whole: () => Buffer, kept: number, first: readonly number[]): fc.Arbitrary<Buffer> {
  return fc
    .uint8Array({ minLength: 1, maxLength: 1400 })
    .map((octets) => Buffer.concat([whole().subarray(0, kept), Buffer.from(first), octets]));
}

function caseOf(
  instance: Omit<InstanceText, "priority"> & { readonly name: string; readonly virtualRouterId: number },
  like: AdvertSettings,
  rest: (settings: AdvertSettings) => Pick<GarbageCase, "good" | "garbage">,
): GarbageCase {
  const { name, virtualRouterId } = instance;
  const address = `192.0.2.${virtualRouterId}`;
  const settings = { ...like, virtualRouterId, source: "192.0.2.3", addresses: [address], advertMs: 1_000 };
  return {
    name,
    address,
    config: (priority) => instanceText({ ...instance, priority, addresses: [`${address}/24`] }),
    ...rest(settings),
  };
}

const plain = caseOf({ name: "VI_PLAIN", virtualRouterId: 51 }, captureSettings.v3, (settings) => {
  const { buffer: whole } = encode(settings);
  const good = () => whole;
  return {
    good,
    garbage: fc.oneof(
      // The checksum finds each wrong bit.
      oneBitOff(good),
      cutShort(good),
      fc.integer({ min: 1, max: 254 }).map((ttl) => encode({ ...settings, ttl }).buffer),
      fc.constant(encode({ ...settings, version: 2 }).buffer),
      fc.constant(encode({ ...settings, virtualRouterId: 52 }).buffer),
      // No version of VRRP in the first.
      randomBehind(good, headerBytes, [0x01]),
    ),
  };
});

const authenticated = caseOf(
  {
    name: "VI_AH",
    virtualRouterId: 61,
    lines: ["version 2", "authentication {", "  auth_type AH", `  auth_pass ${password}`, "}"],
  },
  captureSettings["v2-ah"],
  (settings) => {
    const highest = 0xffff_fff0;
    const stamped = (as: AdvertSettings, sequence: number): Buffer => {
      const advert = encode(as);
      stampAdvert(advert, sequence, 1);
      return advert.buffer;
    };
    const other = { type: "AH", password: passwordOctets("guessed") } as const;
    const whole = stamped(settings, highest);
    const good = () => whole;
    const ahEnd = headerBytes + 24;
    return {
      good,
      garbage: fc.oneof(
        // The authentication finds each wrong bit, those of its own header, too.
        oneBitOff(good),
        cutShort(good),
        fc.nat({ max: highest }).map((sequence) => stamped({ ...settings, authentication: other }, sequence)),
        // Far below what the master has sent: its numbers begin with the seconds of the clock.
        fc.nat({ max: 1_000_000 }).map((sequence) => stamped(settings, sequence)),
        // Changed on the way by somebody who knows checksums, and no password.
        fc.integer({ min: 151, max: 253 }).map((priority) => {
          const advert = encode(settings);
          stampAdvert(advert, highest, 1);
          writePriority(advert, priority);
          return advert.buffer;
        }),
        fc.constant(encode({ ...settings, authentication: null }).buffer),
        fc.constant(encode({ ...settings, authentication: { ...other, type: "PASS" } }).buffer),
        randomBehind(good, ahEnd, [0x21, settings.virtualRouterId]),
        randomBehind(good, headerBytes, []),
      ),
    };
  },
);

const signed = caseOf(
  {
    name: "VI_HMAC",
    virtualRouterId: 71,
    lines: ["auth_hmac {", `  key 1 ${keyText}`, "  active_key 1", "}"],
  },
  captureSettings["v3-hmac"],
  (settings) => {
    const key = prepareHmacKey(1, Buffer.from(keyText));
    const made = (by: HmacKey, epochMs: number): EncodedAdvert => {
      const advert = encode(settings);
      signAdverts([advert], by, sequenceOfClock(epochMs));
      return advert;
    };
    const good = () => made(key, Date.now()).buffer;
    return {
      good,
      garbage: fc.oneof(
        oneBitOff(good),
        cutShort(good),
        fc
          .uint8Array({ minLength: 32, maxLength: 64 })
          .map((octets) => made(prepareHmacKey(1, octets), Date.now()).buffer),
        fc.integer({ min: 2, max: 255 }).map((id) => made({ ...key, id }, Date.now()).buffer),
        // Recorded long ago, or made by a clock that is far ahead.
        fc
          .integer({ min: 3_600_000, max: 1e10 })
          .chain((ms) => fc.constantFrom(-ms, ms))
          .map((ms) => made(key, Date.now() + ms).buffer),
        fc.integer({ min: 151, max: 253 }).map((priority) => {
          const advert = made(key, Date.now());
          writePriority(advert, priority);
          return advert.buffer;
        }),
        fc.constant(encode({ ...settings, signed: false }).buffer),
        randomBehind(good, headerBytes + 12, []),
      ),
    };
  },
);

export const garbageCases: readonly GarbageCase[] = [plain, authenticated, signed];
