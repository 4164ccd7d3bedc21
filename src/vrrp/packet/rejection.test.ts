import { expect, test } from "vitest";
import { counterOf, type Rejection, type RejectionCounter, describe as sentenceOf } from "./rejection.ts";

type Kind = Rejection["kind"];
type Rows = { readonly [K in Kind]: readonly [Extract<Rejection, { kind: K }>, RejectionCounter, string] };

/** What is logged and counted; "advert from 192.0.2.2 ignored: " comes before the sentence. */
const rows: Rows = {
  "ip-header": [{ kind: "ip-header" }, "packetLengthErrors", "not a whole IPv4 packet of VRRP"],
  "too-short": [
    { kind: "too-short", octets: 10, wanted: 20 },
    "packetLengthErrors",
    "10 octets, 20 are needed for what it says it holds",
  ],
  "too-long": [
    { kind: "too-long", octets: 20, wanted: 16 },
    "packetLengthErrors",
    "20 octets, 16 for what it says it holds",
  ],
  version: [{ kind: "version", got: 3, wanted: 2 }, "versionErrors", "version 3, version 2 is configured"],
  type: [{ kind: "type", got: 2 }, "invalidTypeReceived", "type 2 is no advertisement"],
  checksum: [{ kind: "checksum" }, "checksumErrors", "wrong checksum"],
  "old-checksum": [
    { kind: "old-checksum" },
    "checksumErrors",
    "checksum of keepalived 1.3.6 or earlier, and old_unicast_checksum is never",
  ],
  "virtual-router-id": [{ kind: "virtual-router-id", got: 5, wanted: 6 }, "vridErrors", "virtual_router_id 5, not 6"],
  destination: [
    { kind: "destination", got: "192.0.2.2", wanted: "224.0.0.18" },
    "addressErrors",
    "sent to 192.0.2.2, adverts are expected at 224.0.0.18",
  ],
  "own-source": [
    { kind: "own-source", source: "192.0.2.1" },
    "addressErrors",
    "192.0.2.1 is our own address: looped back, or another machine has it too",
  ],
  "unknown-peer": [{ kind: "unknown-peer", source: "192.0.2.9" }, "addressErrors", "192.0.2.9 is no unicast_peer"],
  ttl: [
    { kind: "ttl", got: 64, min: 255, max: 255 },
    "ipTtlErrors",
    "TTL 64, wanted 255: it came through a router, or from something else than VRRP",
  ],
  "auth-type-invalid": [
    { kind: "auth-type-invalid", got: 9 },
    "authenticationInvalid",
    "authentication type 9 is none of VRRP's",
  ],
  "auth-type": [
    { kind: "auth-type", got: "none", wanted: "PASS" },
    "authenticationMismatch",
    "authentication none, PASS is configured",
  ],
  password: [{ kind: "password" }, "authenticationFailure", "wrong password"],
  "ah-header": [{ kind: "ah-header", problem: "missing" }, "authenticationMismatch", "missing authentication header"],
  "ah-icv": [{ kind: "ah-icv" }, "authenticationFailure", "wrong HMAC-MD5: another password, or changed on the way"],
  "ah-replayed": [
    { kind: "ah-replayed", got: 5, last: 9 },
    "authenticationFailure",
    "sequence number 5 is not above 9: sent again, or the sender started anew",
  ],
  "hmac-missing": [{ kind: "hmac-missing" }, "authenticationMismatch", "not signed, and auth_hmac enforces that"],
  "hmac-unexpected": [
    { kind: "hmac-unexpected" },
    "authenticationMismatch",
    "signed, and there is no auth_hmac here to verify it",
  ],
  "hmac-unknown-key": [
    { kind: "hmac-unknown-key", keyId: 3 },
    "authenticationFailure",
    "signed with key 3, which is not among ours",
  ],
  "hmac-bad": [
    { kind: "hmac-bad", keyId: 2 },
    "authenticationFailure",
    "wrong signature of key 2: another key, or changed on the way",
  ],
  "hmac-replayed": [
    { kind: "hmac-replayed" },
    "authenticationFailure",
    "signed and not newer than the last: sent again",
  ],
  "hmac-outside-window": [
    { kind: "hmac-outside-window", aheadMs: -6000.2, windowMs: 5000 },
    "authenticationFailure",
    "signed 6000 ms before our clock, time_window is 5000 ms: sent again, or the clocks differ",
  ],
  "advert-interval": [
    { kind: "advert-interval", gotMs: 2000, wantedMs: 1000 },
    "advertisementsIntervalErrors",
    "advert_int 2000 ms, 1000 ms is configured",
  ],
  "address-list": [
    { kind: "address-list", missing: ["192.0.2.1", "192.0.2.2"], unexpected: ["192.0.2.3"] },
    "addressListErrors",
    "other virtual addresses than ours, without 192.0.2.1 192.0.2.2, with 192.0.2.3",
  ],
};

test.each(Object.entries(rows))("%s", (_kind, [rejection, counter, sentence]) => {
  expect(counterOf(rejection)).toBe(counter);
  expect(sentenceOf(rejection)).toBe(sentence);
});

test.each<[Rejection, string]>([
  [{ kind: "version", got: 4, wanted: null }, "version 4"],
  [{ kind: "virtual-router-id", got: 0, wanted: null }, "virtual_router_id 0 is none"],
  [{ kind: "advert-interval", gotMs: 0, wantedMs: null }, "advert_int 0 ms"],
  [
    { kind: "ttl", got: 1, min: 250, max: 254 },
    "TTL 1, wanted 250 to 254: it came through a router, or from something else than VRRP",
  ],
  [{ kind: "address-list", missing: [], unexpected: ["::1"] }, "other virtual addresses than ours, with ::1"],
])("%o reads well", (rejection, sentence) => {
  expect(sentenceOf(rejection)).toBe(sentence);
});
