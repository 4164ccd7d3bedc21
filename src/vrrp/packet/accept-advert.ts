import { timingSafeEqual } from "node:crypto";
import type { AddressFamily } from "ipvs-netlink";
import { addressListProblem } from "./address-list.ts";
import type { ChecksumStyle, Password, ReceivedAdvert } from "./advert.ts";
import { readAuthenticationSequence, verifyAuthenticationHeader } from "./authentication-header.ts";
import { ADVERT_TTL, PASSWORD_BYTES } from "./constants.ts";
import type { HmacKey } from "./hmac-key.ts";
import { readKeyId, readSequence, verifyTrailer } from "./hmac-trailer.ts";
import type { Rejection } from "./rejection.ts";
import { admitSequence, REMEMBERED_SENDERS, type ReplayState } from "./replay.ts";
import type { AntiReplay } from "./sequence.ts";

/** What an instance accepts. */
export interface AcceptSettings {
  readonly family: AddressFamily;
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  readonly advertMs: number;
  /** Canonical, as all addresses here. */
  readonly addresses: readonly string[];
  /** Ours, in adverts. */
  readonly source: string;
  readonly transport: AcceptTransport;
  /** Looks at the addresses only when the last advert was another router's. */
  readonly skipCheckAdvAddr: boolean;
  /** How our own adverts are made, to be told of others. */
  readonly checksum: ChecksumStyle;
  readonly oldUnicastChecksum: "auto" | "always" | "never";
  readonly authentication: Password | null;
  readonly hmac: HmacRules | null;
}

export type AcceptTransport =
  | { readonly kind: "multicast"; readonly group: string }
  | {
      readonly kind: "unicast";
      readonly peers: ReadonlyMap<string, { readonly minTtl: number; readonly maxTtl: number }>;
      readonly checkSource: boolean;
    };

export interface HmacRules {
  readonly keys: ReadonlyMap<number, HmacKey>;
  readonly mode: "enforce" | "permissive" | "receive-only";
  readonly antiReplay: AntiReplay;
  readonly timeWindowMs: number;
}

/** What judging an advert needs to remember of those before it; lives as long as the instance. */
export interface AcceptState {
  /**
   * Highest sequence number of an authentication header, sent ones included: one counter per virtual router, as
   * keepalived's.
   */
  readonly authenticationSequence: number;
  /** That number was sent, not heard: another master may have sent the same one in the same moment, and has to be heard. */
  readonly isOwnSequence: boolean;
  readonly replay: ReplayState;
  /** Source of the last advert that was accepted. */
  readonly lastSource: string | null;
}

export const initialAcceptState: AcceptState = {
  authenticationSequence: 0,
  isOwnSequence: false,
  replay: [],
  lastSource: null,
};

/** What is odd about an advert that counts. */
export type Remark =
  | { readonly kind: "checksum"; readonly got: ChecksumStyle; readonly ours: ChecksumStyle }
  | { readonly kind: "advert-interval"; readonly gotMs: number; readonly oursMs: number }
  | { readonly kind: "unsigned" };

export type Acceptance =
  | { readonly ok: true; readonly state: AcceptState; readonly remarks: readonly Remark[] }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * Judges a decoded advert as RFC 9568 section 7.1, RFC 3768 section 7.1 and keepalived do. The state changes only with an
 * advert that counts, so that nobody without the key can move it. `nowEpochMs` is the wall clock, for signatures only.
 */
export function acceptAdvert(
  settings: AcceptSettings,
  state: AcceptState,
  advert: ReceivedAdvert,
  nowEpochMs: number,
): Acceptance {
  const stranger =
    routeProblem(settings, advert) ??
    instanceProblem(settings, advert) ??
    authenticationProblem(settings, state, advert);
  if (stranger !== null) return { ok: false, rejection: stranger };
  const replay = admitSignature(settings, state.replay, advert, nowEpochMs);
  if ("kind" in replay) return { ok: false, rejection: replay };
  const rejection = contentProblem(settings, state, advert);
  if (rejection !== null) return { ok: false, rejection };
  return { ok: true, state: stateAfter(state, advert, replay), remarks: remarksOn(settings, advert) };
}

function routeProblem({ transport, source }: AcceptSettings, advert: ReceivedAdvert): Rejection | null {
  if (transport.kind === "multicast" ? advert.destination !== transport.group : isMulticast(advert)) {
    const wanted = transport.kind === "multicast" ? transport.group : source;
    return { kind: "destination", got: advert.destination, wanted };
  }
  if (advert.source === source) return { kind: "own-source", source };
  if (transport.kind === "multicast") return ttlProblem(advert.ttl, ADVERT_TTL, ADVERT_TTL);
  const peer = transport.peers.get(advert.source);
  if (peer === undefined) return transport.checkSource ? { kind: "unknown-peer", source: advert.source } : null;
  return ttlProblem(advert.ttl, peer.minTtl, peer.maxTtl);
}

function isMulticast({ family, destination }: ReceivedAdvert): boolean {
  return family === "inet6" ? destination.startsWith("ff") : Number.parseInt(destination, 10) >= 224;
}

function ttlProblem(got: number, min: number, max: number): Rejection | null {
  return got >= min && got <= max ? null : { kind: "ttl", got, min, max };
}

function instanceProblem(settings: AcceptSettings, advert: ReceivedAdvert): Rejection | null {
  const { version, virtualRouterId, oldUnicastChecksum } = settings;
  if (advert.virtualRouterId !== virtualRouterId) {
    return { kind: "virtual-router-id", got: advert.virtualRouterId, wanted: virtualRouterId };
  }
  if (advert.version !== version) return { kind: "version", got: advert.version, wanted: version };
  if (advert.checksum !== "old-unicast") return null;
  if (settings.transport.kind === "multicast") return { kind: "checksum" };
  return oldUnicastChecksum === "never" ? { kind: "old-checksum" } : null;
}

function authenticationProblem(settings: AcceptSettings, state: AcceptState, advert: ReceivedAdvert): Rejection | null {
  const { authentication } = settings;
  const wanted = authentication?.type ?? "none";
  if (advert.authentication !== wanted) return { kind: "auth-type", got: advert.authentication, wanted };
  if (authentication === null) return null;
  const { buffer, start, messageEnd, authenticationHeader, end } = advert.bytes;
  if (authenticationHeader === null) {
    const got = buffer.subarray(messageEnd - PASSWORD_BYTES, messageEnd);
    return timingSafeEqual(got, authentication.password) ? null : { kind: "password" };
  }
  const bytes = { buffer, start, authenticationHeader, end };
  if (!verifyAuthenticationHeader(bytes, authentication.password)) return { kind: "ah-icv" };
  const got = readAuthenticationSequence(bytes);
  const last = state.authenticationSequence;
  return got > last || (got === last && state.isOwnSequence) ? null : { kind: "ah-replayed", got, last };
}

function contentProblem(settings: AcceptSettings, state: AcceptState, advert: ReceivedAdvert): Rejection | null {
  const { version, advertMs, skipCheckAdvAddr, addresses } = settings;
  // Version 3 takes over the master's interval.
  if (version === 2 && advert.advertMs !== advertMs) {
    return { kind: "advert-interval", gotMs: advert.advertMs, wantedMs: advertMs };
  }
  if (skipCheckAdvAddr && advert.source === state.lastSource) return null;
  return addressListProblem(addresses, advert.addresses);
}

function admitSignature(
  { hmac, transport }: AcceptSettings,
  replay: ReplayState,
  { bytes, source, sourceOctets }: ReceivedAdvert,
  nowEpochMs: number,
): ReplayState | Rejection {
  const { trailer } = bytes;
  if (trailer === null) return hmac?.mode === "enforce" ? { kind: "hmac-missing" } : replay;
  if (hmac === null) return { kind: "hmac-unexpected" };
  const signed = { buffer: bytes.buffer, message: bytes.message, trailer, end: bytes.end };
  const keyId = readKeyId(signed);
  const key = hmac.keys.get(keyId);
  if (key === undefined) return { kind: "hmac-unknown-key", keyId };
  if (!verifyTrailer(signed, sourceOctets, key)) return { kind: "hmac-bad", keyId };
  const peers = transport.kind === "unicast" ? transport.peers.size : 0;
  const rules = { ...hmac, capacity: Math.max(REMEMBERED_SENDERS, peers) };
  const verdict = admitSequence(replay, source, readSequence(signed), nowEpochMs, rules);
  if (verdict.ok) return verdict.state;
  if (verdict.kind === "hmac-replayed") return { kind: "hmac-replayed" };
  return { kind: verdict.kind, aheadMs: verdict.aheadMs, windowMs: hmac.timeWindowMs };
}

function stateAfter(state: AcceptState, { source, bytes }: ReceivedAdvert, replay: ReplayState): AcceptState {
  const { buffer, start, authenticationHeader, end } = bytes;
  if (authenticationHeader === null && replay === state.replay && source === state.lastSource) return state;
  const authenticationSequence =
    authenticationHeader === null
      ? state.authenticationSequence
      : readAuthenticationSequence({ buffer, start, authenticationHeader, end });
  const isOwnSequence = authenticationHeader === null && state.isOwnSequence;
  return { authenticationSequence, isOwnSequence, replay, lastSource: source };
}

const noRemarks: readonly Remark[] = [];

function remarksOn({ advertMs, checksum, hmac }: AcceptSettings, advert: ReceivedAdvert): readonly Remark[] {
  const usual =
    advert.advertMs === advertMs && advert.checksum === checksum && (hmac === null || advert.bytes.trailer !== null);
  if (usual) return noRemarks;
  const remarks: Remark[] = [];
  if (advert.checksum !== checksum) remarks.push({ kind: "checksum", got: advert.checksum, ours: checksum });
  if (advert.advertMs !== advertMs) remarks.push({ kind: "advert-interval", gotMs: advert.advertMs, oursMs: advertMs });
  if (hmac !== null && advert.bytes.trailer === null) remarks.push({ kind: "unsigned" });
  return remarks;
}
