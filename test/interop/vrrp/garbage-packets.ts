import fc from "fast-check";
import type { AdvertSettings } from "../../../src/vrrp/packet/advert.ts";
import { passwordOctets } from "../../../src/vrrp/packet/authentication-header.ts";
import { type EncodedAdvert, signAdverts, stampAdvert, writePriority } from "../../../src/vrrp/packet/encode-advert.ts";
import { type HmacKey, prepareHmacKey } from "../../../src/vrrp/packet/hmac-key.ts";
import { sequenceOfClock } from "../../../src/vrrp/packet/sequence.ts";
import { captureSettings } from "../../../src/vrrp/packet/testing/settings.ts";
import {
  type CaseInstance,
  caseOf,
  cutShort,
  encode,
  type GarbageCase,
  headerBytes,
  oneBitOff,
  packetOf,
  randomBehind,
} from "./garbage-parts.ts";

const password = "s3cret";
const keyText = "one-key-of-thirty-two-octets-or-m";
const header = headerBytes({ family: "inet" });
const authenticationLines = (type: string) => [
  ...["version 2", "authentication {", `  auth_type ${type}`, `  auth_pass ${password}`, "}"],
];

/** Without a signature: what settings of one's own find, and the checksum. `wrong`: settings that no router of it has. */
function checkedBySettings(
  instance: CaseInstance,
  like: AdvertSettings,
  wrong: readonly Partial<AdvertSettings>[],
): GarbageCase {
  return caseOf(instance, like, (settings) => {
    const whole = packetOf(settings);
    const good = () => whole;
    const before = headerBytes(settings);
    const other = settings.family === "inet" ? "192.0.2.250" : "fe80::250";
    return {
      good,
      garbage: fc.oneof(
        // The checksum finds each wrong bit.
        oneBitOff(good, before),
        cutShort(good, before),
        // No version of VRRP in the first.
        randomBehind(good, before, [0x01]),
        ...[{ virtualRouterId: 250 }, { addresses: [other] }, ...wrong].map((each) =>
          fc.constant(packetOf({ ...settings, ...each })),
        ),
      ),
    };
  });
}

const farAway = [{ ttl: 254 }, { ttl: 64 }, { ttl: 1 }];
const guessed = passwordOctets("guessed");
const version2 = () => ["version 2"];
const between = (self: number) => [
  ...["check_unicast_src", `unicast_src_ip 192.0.2.${self}`, "unicast_peer {"],
  ...[`  192.0.2.${3 - self}`, "  192.0.2.3", "}"],
];

const plain = [
  checkedBySettings({ name: "VI_PLAIN", virtualRouterId: 51 }, captureSettings.v3, [...farAway, { version: 2 }]),
  checkedBySettings({ name: "VI_IPV6", virtualRouterId: 54 }, captureSettings["v3-ipv6"], farAway),
  checkedBySettings({ name: "VI_V2", virtualRouterId: 55, lines: version2 }, captureSettings.v2, [
    ...[...farAway, { version: 3 }, { advertMs: 3_000 }, { authentication: { type: "PASS", password: guessed } }],
  ] as Partial<AdvertSettings>[]),
  checkedBySettings(
    { name: "VI_PASS", virtualRouterId: 56, lines: () => authenticationLines("PASS") },
    captureSettings["v2-pass"],
    [
      ...[...farAway, { advertMs: 3_000 }, { authentication: null }],
      ...(["PASS", "AH"] as const).map((type) => ({ authentication: { type, password: guessed } })),
    ],
  ),
  // By unicast any TTL counts, unless the peer has limits.
  checkedBySettings(
    { name: "VI_UNICAST", virtualRouterId: 57, lines: between, destinations: ["192.0.2.1", "192.0.2.2"] },
    captureSettings["v3-unicast"],
    [{ source: "192.0.2.77" }, { destination: "224.0.0.18" }, { version: 2 }],
  ),
];

const authenticated = caseOf(
  {
    name: "VI_AH",
    virtualRouterId: 61,
    lines: () => authenticationLines("AH"),
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
    const ahEnd = header + 24;
    return {
      good,
      garbage: fc.oneof(
        // The authentication finds each wrong bit, those of its own header, too.
        oneBitOff(good, header),
        cutShort(good, header),
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
        randomBehind(good, header, []),
      ),
    };
  },
);

const signed = caseOf(
  {
    name: "VI_HMAC",
    virtualRouterId: 71,
    lines: () => ["auth_hmac {", `  key 1 ${keyText}`, "  active_key 1", "}"],
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
        oneBitOff(good, header),
        cutShort(good, header),
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
        randomBehind(good, header + 12, []),
      ),
    };
  },
);

export const garbageCases: readonly GarbageCase[] = [...plain, authenticated, signed];
