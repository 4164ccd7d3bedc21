import { describe, expect, test } from "vitest";
import { acceptAdvert, initialAcceptState } from "./accept-advert.ts";
import { readAuthenticationSequence, verifyAuthenticationHeader } from "./authentication-header.ts";
import { encodeAdvert, encodedBytes, signAdverts, stampAdvert, writePriority } from "./encode-advert.ts";
import { writeGratuitousArp } from "./gratuitous-arp.ts";
import { readKeyId, readSequence, verifyTrailer } from "./hmac-trailer.ts";
import { writeIdentification } from "./ipv4-header.ts";
import { multicastMac, virtualRouterMac } from "./mac-address.ts";
import { writeNeighbourAdvertisement } from "./neighbour-advertisement.ts";
import { aheadOfClockMs, isAfter } from "./sequence.ts";
import {
  advertsOf,
  type CaptureName,
  captureNames,
  decodeFrame,
  type Frame,
  familyOf,
  kindOf,
  packetOf,
  readCapture,
} from "./testing/captures.ts";
import { accepted, activeKey, backupOf, captureKeys, captureSettings } from "./testing/settings.ts";

/** The advert as we send it with these settings; what differs from one to the next is that of the captured one. */
function encodeLike(frame: Frame, name: CaptureName): Buffer {
  const settings = captureSettings[name];
  const { priority, bytes } = accepted(decodeFrame(frame));
  // Neither position nor earlier contents of the buffer matter.
  const buffer = Buffer.alloc(9 + encodedBytes(settings) + 3, 0xee);
  const encoded = encodeAdvert(buffer, 9, settings, 99);
  writePriority(encoded, priority);
  const identification = packetOf(frame).readUInt16BE(4);
  if (settings.family === "inet") writeIdentification(buffer, 9, identification);
  if (bytes.trailer !== null) signAdverts([encoded], activeKey, readSequence({ ...bytes, trailer: bytes.trailer }));
  if (bytes.authenticationHeader !== null) {
    const sequence = readAuthenticationSequence({ ...bytes, authenticationHeader: bytes.authenticationHeader });
    stampAdvert(encoded, sequence, identification);
  }
  expect(buffer.subarray(encoded.end)).toEqual(Buffer.alloc(3, 0xee));
  return buffer.subarray(9, encoded.end);
}

describe.each(captureNames)("keepalived's %s", (name) => {
  const settings = captureSettings[name];
  const adverts = advertsOf(name);

  test("every advert reads as its configuration, the last one as a farewell", () => {
    expect(adverts.length).toBeGreaterThanOrEqual(5);
    const read = adverts.map((frame) => accepted(decodeFrame(frame)));
    for (const [nth, { bytes: _bytes, sourceOctets: _octets, ...advert }] of read.entries()) {
      const { signed: _signed, authentication, ...told } = settings;
      const priority = nth === read.length - 1 ? 0 : 150;
      expect(advert).toEqual({ ...told, authentication: authentication?.type ?? "none", priority });
    }
  });

  test("every advert is one that a backup accepts, without remarks", () => {
    let state = initialAcceptState;
    for (const frame of adverts) {
      const verdict = acceptAdvert(backupOf(settings), state, accepted(decodeFrame(frame)), frame.epochMs);
      expect(verdict).toMatchObject({ ok: true, remarks: [] });
      if (verdict.ok) state = verdict.state;
    }
  });

  test("ours are the same octets", () => {
    for (const frame of adverts) {
      expect(encodeLike(frame, name).toString("hex")).toBe(packetOf(frame).toString("hex"));
    }
  });

  test("its announcements are the same octets as ours", () => {
    const announcements = readCapture(name).filter(isAnnouncement);
    expect(announcements.length).toBeGreaterThanOrEqual(10);
    const mac = name === "v2-vmac" ? virtualRouterMac("inet", 51) : Buffer.from("020000000001", "hex");
    const buffer = Buffer.alloc(100, 0xee);
    const ours = settings.addresses.map((address) => {
      const end =
        settings.family === "inet"
          ? writeGratuitousArp(buffer, 5, mac, address)
          : writeNeighbourAdvertisement(buffer, 5, { mac, address, router: false });
      return buffer.toString("hex", 5, end);
    });
    for (const [nth, { bytes }] of announcements.entries()) {
      expect(ours[nth % ours.length]).toBe(bytes.toString("hex"));
    }
  });

  test("its frames go from and to the MAC addresses that we would use", () => {
    for (const { bytes } of adverts) {
      const destination = accepted(decodeFrame({ epochMs: 0, bytes })).destination;
      if (destination === "192.0.2.2") continue;
      const group = familyOf({ epochMs: 0, bytes }) === "inet" ? bytes.subarray(30, 34) : bytes.subarray(38, 54);
      expect(Buffer.from(multicastMac(group)).toString("hex")).toBe(bytes.toString("hex", 0, 6));
    }
  });
});

/** Not what the kernel asks to find the peer of a unicast advert. */
function isAnnouncement(frame: Frame): boolean {
  const kind = kindOf(frame);
  if (kind === "neighbour-advertisement") return true;
  return kind === "arp" && frame.bytes.toString("hex", 28, 32) === frame.bytes.toString("hex", 38, 42);
}

describe.each(["v2-hmac", "v3-hmac"] as const)("the signatures of %s", (name) => {
  const signed = advertsOf(name).map((frame) => {
    const { bytes, sourceOctets } = accepted(decodeFrame(frame));
    if (bytes.trailer === null) throw new Error("not signed");
    return { frame, sourceOctets, trailer: { ...bytes, trailer: bytes.trailer } };
  });

  test("are good with the active key and no other", () => {
    for (const { trailer, sourceOctets } of signed) {
      expect(readKeyId(trailer)).toBe(2);
      expect(verifyTrailer(trailer, sourceOctets, activeKey)).toBe(true);
      expect(verifyTrailer(trailer, sourceOctets, { ...activeKey, ...captureKeys.get(1) })).toBe(false);
      expect(verifyTrailer(trailer, Uint8Array.of(192, 0, 2, 9), activeKey)).toBe(false);
    }
  });

  test("carry the clock of when they were sent, and rise", () => {
    const sequences = signed.map(({ trailer }) => readSequence(trailer));
    for (const [nth, sequence] of sequences.entries()) {
      expect(Math.abs(aheadOfClockMs(sequence, signed[nth]?.frame.epochMs ?? 0))).toBeLessThan(50);
      const before = sequences[nth - 1];
      if (before !== undefined) expect(isAfter(sequence, before)).toBe(true);
    }
  });
});

test("the authentication headers count up from 1 and are good with the password only", () => {
  const password = captureSettings["v2-ah"].authentication?.password ?? Buffer.alloc(0);
  for (const [nth, frame] of advertsOf("v2-ah").entries()) {
    const { bytes } = accepted(decodeFrame(frame));
    const { authenticationHeader } = bytes;
    if (authenticationHeader === null) throw new Error("no authentication header");
    expect(readAuthenticationSequence({ ...bytes, authenticationHeader })).toBe(nth + 1);
    expect(verifyAuthenticationHeader({ ...bytes, authenticationHeader }, password)).toBe(true);
    expect(verifyAuthenticationHeader({ ...bytes, authenticationHeader }, Buffer.from("s3creT\0\0"))).toBe(false);
  }
});

test("a router says so in its neighbour advertisements, and the checksum follows", () => {
  const buffer = Buffer.alloc(86);
  const mac = virtualRouterMac("inet6", 7);
  writeNeighbourAdvertisement(buffer, 0, { mac, address: "fe80::100", router: true });
  const host = Buffer.alloc(86);
  writeNeighbourAdvertisement(host, 0, { mac, address: "fe80::100", router: false });
  expect(buffer.readUInt8(58)).toBe(0xa0);
  expect(host.readUInt16BE(56) - buffer.readUInt16BE(56)).toBe(0x8000);
});
