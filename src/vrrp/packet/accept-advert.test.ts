import { describe, expect, test } from "vitest";
import { type AcceptSettings, type AcceptState, acceptAdvert, initialAcceptState } from "./accept-advert.ts";
import type { AdvertSettings, ReceivedAdvert } from "./advert.ts";
import { nextAuthenticationSequence, passwordOctets } from "./authentication-header.ts";
import { decodeIpv4 } from "./decode-advert.ts";
import { encodeAdvert, encodedBytes, signAdverts, stampAdvert } from "./encode-advert.ts";
import { prepareHmacKey } from "./hmac-key.ts";
import { verifyTrailer } from "./hmac-trailer.ts";
import { counterOf, describe as sentenceOf } from "./rejection.ts";
import { sequenceOfClock } from "./sequence.ts";
import { accepted, activeKey, backupOf, captureHmac, captureSettings } from "./testing/settings.ts";

const nowMs = 1_795_214_385_000;
const peerRouter = { minTtl: 0, maxTtl: 255 };

/** The advert of a router with these settings, over the wire. */
function advert(
  settings: AdvertSettings,
  { sequence = 1, key = activeKey, atMs = nowMs, priority = 150 } = {},
): ReceivedAdvert {
  const buffer = Buffer.alloc(encodedBytes(settings));
  const encoded = encodeAdvert(buffer, 0, settings, priority);
  if (settings.signed) signAdverts([encoded], key, sequenceOfClock(atMs));
  if (settings.authentication?.type === "AH") stampAdvert(encoded, sequence, 1);
  return accepted(decodeIpv4(buffer, 0, buffer.length));
}

function judge(settings: AcceptSettings, given: ReceivedAdvert, state: AcceptState = initialAcceptState) {
  const verdict = acceptAdvert(settings, state, given, nowMs);
  return verdict.ok ? verdict.remarks : verdict.rejection;
}

function stateAfter(settings: AcceptSettings, given: ReceivedAdvert, state: AcceptState = initialAcceptState) {
  const verdict = acceptAdvert(settings, state, given, nowMs);
  if (!verdict.ok) throw new Error(sentenceOf(verdict.rejection));
  return verdict.state;
}

const { v2, v3 } = captureSettings;
const v2Pass = captureSettings["v2-pass"];
const v2Ah = captureSettings["v2-ah"];
const v2Unicast = captureSettings["v2-unicast"];
const v3Unicast = captureSettings["v3-unicast"];
const v3Hmac = captureSettings["v3-hmac"];

describe("by multicast", () => {
  test.each<[string, AdvertSettings, ReceivedAdvert, object, string]>([
    ["a TTL that was lowered", v2, advert({ ...v2, ttl: 254 }), { kind: "ttl", got: 254, min: 255 }, "ipTtlErrors"],
    ["another group", v2, advert(captureSettings["v2-mcast"]), { kind: "destination" }, "addressErrors"],
    ["by unicast", v2, advert(v2Unicast), { kind: "destination", got: "192.0.2.2" }, "addressErrors"],
    ["our own source", v2, advert({ ...v2, source: "192.0.2.2" }), { kind: "own-source" }, "addressErrors"],
    ["another version", v2, advert(v3), { kind: "version", got: 3, wanted: 2 }, "versionErrors"],
    ["another VRID", v2, advert({ ...v2, virtualRouterId: 9 }), { kind: "virtual-router-id", got: 9 }, "vridErrors"],
    [
      "another interval",
      v2,
      advert({ ...v2, advertMs: 2000 }),
      { kind: "advert-interval" },
      "advertisementsIntervalErrors",
    ],
    ["no password", v2Pass, advert(v2), { kind: "auth-type", got: "none", wanted: "PASS" }, "authenticationMismatch"],
    ["an unwanted password", v2, advert(v2Pass), { kind: "auth-type", wanted: "none" }, "authenticationMismatch"],
    ["the other authentication", v2Ah, advert(v2Pass), { kind: "auth-type", got: "PASS" }, "authenticationMismatch"],
  ])("%s is refused", (_what, settings, given, rejection, counter) => {
    const verdict = acceptAdvert(backupOf(settings), initialAcceptState, given, nowMs);
    if (verdict.ok) throw new Error("accepted");
    expect(verdict.rejection).toMatchObject(rejection);
    expect(counterOf(verdict.rejection)).toBe(counter);
    expect(sentenceOf(verdict.rejection)).toMatch(/\S/);
  });

  test("a wrong password is refused, as is a longer one", () => {
    for (const wrong of ["s3creT", "s3cret!", ""]) {
      const authentication = { type: "PASS", password: passwordOctets(wrong) } as const;
      expect(judge(backupOf(v2Pass), advert({ ...v2Pass, authentication }))).toEqual({ kind: "password" });
    }
  });

  test("what follows eight octets of a password does not count, as in keepalived", () => {
    const long = (password: string) => ({
      ...v2Pass,
      authentication: { type: "PASS", password: passwordOctets(password) } as const,
    });
    expect(judge(backupOf(long("12345678abc")), advert(long("12345678xyz")))).toEqual([]);
  });

  test("version 3 takes another interval over, and says so", () => {
    expect(judge(backupOf(v3), advert({ ...v3, advertMs: 500 }))).toEqual([
      { kind: "advert-interval", gotMs: 500, oursMs: 1000 },
    ]);
  });

  test("the old checksum of unicast is a wrong one", () => {
    const group = { ...v3, destination: "224.1.101.33" };
    expect(judge(backupOf(group), advert({ ...group, checksum: "old-unicast" }))).toEqual({ kind: "checksum" });
  });

  test("version 3 without the pseudo header counts, and the other way round, and it is said", () => {
    const plain = captureSettings["v3-checksum-as-v2"];
    expect(judge(backupOf(v3), advert(plain))).toEqual([{ kind: "checksum", got: "message", ours: "pseudo-header" }]);
    expect(judge(backupOf(plain), advert(v3))).toEqual([{ kind: "checksum", got: "pseudo-header", ours: "message" }]);
  });
});

describe("the addresses", () => {
  const others = { ...v2, addresses: ["192.0.2.100", "192.0.2.99"] };

  test("are ours in any order, and nothing else", () => {
    expect(judge(backupOf(v2), advert({ ...v2, addresses: v2.addresses.toReversed() }))).toEqual([]);
    expect(judge(backupOf(v2), advert(others))).toEqual({
      kind: "address-list",
      missing: ["192.0.2.101"],
      unexpected: ["192.0.2.99"],
    });
    const fewer = { ...v2, addresses: ["192.0.2.100"] };
    expect(judge(backupOf(v2), advert(fewer))).toEqual({
      kind: "address-list",
      missing: ["192.0.2.101"],
      unexpected: [],
    });
    const twice = { ...v2, addresses: ["192.0.2.100", "192.0.2.101", "192.0.2.101"] };
    expect(judge(backupOf(v2), advert(twice))).toMatchObject({ kind: "address-list" });
  });

  test("must be ours whoever owns them, as in keepalived", () => {
    expect(judge(backupOf(v2), advert(others, { priority: 255 }))).toMatchObject({ kind: "address-list" });
  });

  test("with skip_check_adv_addr are not looked at again while the same router sends", () => {
    const settings = { ...backupOf(v2), skipCheckAdvAddr: true };
    expect(judge(settings, advert(others))).toMatchObject({ kind: "address-list" });
    const known = stateAfter(settings, advert(v2));
    expect(judge(settings, advert(others), known)).toEqual([]);
    expect(judge(settings, advert({ ...others, source: "192.0.2.7" }), known)).toMatchObject({ kind: "address-list" });
  });
});

describe("by unicast", () => {
  const settings = backupOf(v2Unicast);
  const peers = (minTtl: number, maxTtl: number) => new Map([["192.0.2.1", { minTtl, maxTtl }]]);

  test("the group is refused", () => {
    expect(judge(settings, advert(v2))).toEqual({ kind: "destination", got: "224.0.0.18", wanted: "192.0.2.2" });
  });

  test("strangers are refused if their address is checked", () => {
    const stranger = advert({ ...v2Unicast, source: "192.0.2.3" });
    expect(judge(settings, stranger)).toEqual({ kind: "unknown-peer", source: "192.0.2.3" });
    const transport = { kind: "unicast", peers: peers(0, 255), checkSource: false } as const;
    expect(judge({ ...settings, transport }, stranger)).toEqual([]);
  });

  test("any TTL will do, or those that the peer may have", () => {
    expect(judge(settings, advert({ ...v2Unicast, ttl: 3 }))).toEqual([]);
    const transport = { kind: "unicast", peers: peers(250, 254), checkSource: true } as const;
    const verdicts = [249, 250, 254, 255].map((ttl) =>
      judge({ ...settings, transport }, advert({ ...v2Unicast, ttl })),
    );
    expect(verdicts).toEqual([
      { kind: "ttl", got: 249, min: 250, max: 254 },
      [],
      [],
      { kind: "ttl", got: 255, min: 250, max: 254 },
    ]);
  });

  test("the checksum of keepalived 1.3.6 counts unless that is switched off", () => {
    const old = advert({ ...v3Unicast, checksum: "old-unicast" });
    const backup = backupOf(v3Unicast);
    expect(judge(backup, old)).toEqual([{ kind: "checksum", got: "old-unicast", ours: "pseudo-header" }]);
    expect(judge({ ...backup, oldUnicastChecksum: "never" }, old)).toEqual({ kind: "old-checksum" });
    expect(judge({ ...backup, oldUnicastChecksum: "never" }, advert(v3Unicast))).toEqual([]);
  });
});

describe("an authentication header", () => {
  const settings = backupOf(v2Ah);

  test("with another password, or changed in any octet that it covers, is refused", () => {
    const wrong = { ...v2Ah, authentication: { type: "AH", password: passwordOctets("other") } } as const;
    expect(judge(settings, advert(wrong))).toEqual({ kind: "ah-icv" });
    const buffer = Buffer.alloc(encodedBytes(v2Ah));
    stampAdvert(encodeAdvert(buffer, 0, v2Ah, 150), 1, 1);
    // Type of service and header checksum change on the way; the TTL too, but keepalived does not see it so.
    const free = [1, 10, 11];
    for (let at = 0; at < buffer.length; at++) {
      const damaged = Buffer.from(buffer);
      damaged[at] = damaged.readUInt8(at) ^ 0x01;
      const decoded = decodeIpv4(damaged, 0, damaged.length);
      const counts = decoded.ok && Array.isArray(judge(settings, decoded.advert));
      expect(counts, `octet ${at}`).toBe(free.includes(at) || isFragmentField(at));
    }
  });

  test("counts once; numbers go up, over all senders", () => {
    const state = stateAfter(settings, advert(v2Ah, { sequence: 100 }));
    expect(state.authenticationSequence).toBe(100);
    for (const sequence of [100, 99, 1]) {
      expect(judge(settings, advert(v2Ah, { sequence }), state)).toEqual({
        kind: "ah-replayed",
        got: sequence,
        last: 100,
      });
    }
    expect(judge(settings, advert({ ...v2Ah, source: "192.0.2.9" }, { sequence: 50 }), state)).toMatchObject({
      kind: "ah-replayed",
    });
    expect(stateAfter(settings, advert(v2Ah, { sequence: 0xffff_ffff }), state).authenticationSequence).toBe(
      0xffff_ffff,
    );
  });
});

test("two masters that number alike in the same moment hear each other, once", () => {
  const sent = { ...initialAcceptState, authenticationSequence: 100, isOwnSequence: true };
  const settings = backupOf(v2Ah);
  const state = stateAfter(settings, advert(v2Ah, { sequence: 100 }), sent);
  expect(state).toMatchObject({ authenticationSequence: 100, isOwnSequence: false });
  expect(judge(settings, advert(v2Ah, { sequence: 100 }), state)).toMatchObject({ kind: "ah-replayed" });
  expect(judge(settings, advert(v2Ah, { sequence: 99 }), sent)).toMatchObject({ kind: "ah-replayed" });
});

test("the next authentication header counts on from what was seen, and from the clock after a restart", () => {
  expect(nextAuthenticationSequence(0, nowMs)).toBe(1_795_214_385);
  expect(nextAuthenticationSequence(1_795_214_385, nowMs + 999)).toBe(1_795_214_386);
  expect(nextAuthenticationSequence(2_000_000_000, nowMs)).toBe(2_000_000_001);
  // A peer with the password can drive the counter to its end: that must not end us.
  const buffer = Buffer.alloc(encodedBytes(v2Ah));
  stampAdvert(encodeAdvert(buffer, 0, v2Ah, 150), nextAuthenticationSequence(0xffff_ffff, nowMs), 1);
});

function isFragmentField(at: number): boolean {
  return at === 6 || at === 7;
}

describe("a signature", () => {
  const settings = backupOf(v3Hmac);
  const with_ = (hmac: Partial<typeof captureHmac>) => ({ ...settings, hmac: { ...captureHmac, ...hmac } });
  const unsigned = advert(v3);

  test("is needed where it is enforced, missed elsewhere, and not understood without auth_hmac", () => {
    expect(judge(settings, unsigned)).toEqual({ kind: "hmac-missing" });
    for (const mode of ["permissive", "receive-only"] as const) {
      expect(judge(with_({ mode }), unsigned)).toEqual([{ kind: "unsigned" }]);
      expect(judge(with_({ mode }), advert(v3Hmac))).toEqual([]);
    }
    expect(judge({ ...settings, hmac: null }, advert(v3Hmac))).toEqual({ kind: "hmac-unexpected" });
  });

  test("of any of our keys counts: that is how keys are changed", () => {
    expect(judge(settings, advert(v3Hmac, { key: captureHmac.keys.get(1) as typeof activeKey }))).toEqual([]);
  });

  test("of another key is refused in every mode", () => {
    const unknown = advert(v3Hmac, { key: prepareHmacKey(3, Buffer.alloc(32, 1)) });
    const forged = advert(v3Hmac, { key: prepareHmacKey(2, Buffer.alloc(32, 1)) });
    for (const mode of ["enforce", "permissive", "receive-only"] as const) {
      expect(judge(with_({ mode }), unknown)).toEqual({ kind: "hmac-unknown-key", keyId: 3 });
      expect(judge(with_({ mode }), forged)).toEqual({ kind: "hmac-bad", keyId: 2 });
    }
  });

  test("counts once, and only within the window", () => {
    const first = advert(v3Hmac);
    const state = stateAfter(settings, first);
    expect(judge(settings, first, state)).toEqual({ kind: "hmac-replayed" });
    expect(judge(settings, advert(v3Hmac, { atMs: nowMs + 1 }), state)).toEqual([]);
    expect(judge(settings, advert(v3Hmac, { atMs: nowMs + 6000 }), state)).toMatchObject({
      kind: "hmac-outside-window",
      windowMs: 5000,
    });
    const late = with_({ antiReplay: "monotonic" });
    expect(judge(late, advert(v3Hmac, { atMs: nowMs + 6000 }), state)).toEqual([]);
    expect(judge(late, advert(v3Hmac, { atMs: nowMs - 6000 }), state)).toEqual({ kind: "hmac-replayed" });
  });

  test("covers every octet of message and trailer but the checksum", () => {
    const { buffer, message, messageEnd, end, sourceOctets } = encodeAndSign(Buffer.alloc(encodedBytes(v3Hmac)));
    for (let at = message; at < end; at++) {
      const forged = Buffer.from(buffer);
      forged[at] = forged.readUInt8(at) ^ 0x01;
      const isChecksum = at === message + 6 || at === message + 7;
      const good = verifyTrailer({ buffer: forged, message, trailer: messageEnd, end }, sourceOctets, activeKey);
      expect(good, `octet ${at - message}`).toBe(isChecksum);
    }
  });

  test("that is refused leaves the state as it was; one that counts is kept per sender", () => {
    const state = stateAfter(settings, advert(v3Hmac));
    expect(state.replay).toEqual([{ source: "192.0.2.1", sequence: sequenceOfClock(nowMs) }]);
    const both = stateAfter(settings, advert({ ...v3Hmac, source: "192.0.2.9" }), state);
    expect(both.replay.map(({ source }) => source)).toEqual(["192.0.2.9", "192.0.2.1"]);
  });

  function encodeAndSign(buffer: Buffer) {
    const encoded = encodeAdvert(buffer, 0, v3Hmac, 150);
    signAdverts([encoded], activeKey, sequenceOfClock(nowMs));
    return encoded;
  }
});

test("the copies for several peers have one signature and checksums of their own", () => {
  const peers = ["192.0.2.2", "192.0.2.3"];
  const copies = peers.map((destination) => {
    const settings = { ...v3Unicast, destination, signed: true };
    return encodeAdvert(Buffer.alloc(encodedBytes(settings)), 0, settings, 150);
  });
  signAdverts(copies, activeKey, sequenceOfClock(nowMs));
  const trailers = copies.map(({ buffer, messageEnd, end }) => buffer.toString("hex", messageEnd, end));
  expect(trailers[0]).toBe(trailers[1]);
  for (const { buffer, settings } of copies) {
    const transport = { kind: "unicast", peers: new Map([["192.0.2.1", peerRouter]]), checkSource: true } as const;
    const receiver = { ...backupOf(v3Hmac), source: settings.destination, transport };
    expect(judge(receiver, accepted(decodeIpv4(buffer, 0, buffer.length)))).toEqual([]);
  }
});

test("an advert that counts and tells nothing new leaves the very same state", () => {
  const state = stateAfter(backupOf(v2), advert(v2));
  expect(stateAfter(backupOf(v2), advert(v2), state)).toBe(state);
});
