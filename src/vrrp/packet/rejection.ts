/** Why a packet does not count. Closed set: every member has a sentence in `describe` and a counter. */
export type Rejection =
  | { readonly kind: "ip-header" }
  | { readonly kind: "too-short"; readonly octets: number; readonly wanted: number }
  | { readonly kind: "too-long"; readonly octets: number; readonly wanted: number }
  /** `wanted` null: neither 2 nor 3. */
  | { readonly kind: "version"; readonly got: number; readonly wanted: number | null }
  | { readonly kind: "type"; readonly got: number }
  | { readonly kind: "checksum" }
  | { readonly kind: "old-checksum" }
  /** `wanted` null: 0, which no virtual router has. */
  | { readonly kind: "virtual-router-id"; readonly got: number; readonly wanted: number | null }
  | { readonly kind: "destination"; readonly got: string; readonly wanted: string }
  | { readonly kind: "own-source"; readonly source: string }
  | { readonly kind: "unknown-peer"; readonly source: string }
  | { readonly kind: "ttl"; readonly got: number; readonly min: number; readonly max: number }
  | { readonly kind: "auth-type-invalid"; readonly got: number }
  | { readonly kind: "auth-type"; readonly got: string; readonly wanted: string }
  | { readonly kind: "password" }
  | { readonly kind: "ah-header"; readonly problem: "malformed" | "missing" | "unexpected" }
  | { readonly kind: "ah-icv" }
  | { readonly kind: "ah-replayed"; readonly got: number; readonly last: number }
  | { readonly kind: "hmac-missing" }
  | { readonly kind: "hmac-unexpected" }
  | { readonly kind: "hmac-unknown-key"; readonly keyId: number }
  | { readonly kind: "hmac-bad"; readonly keyId: number }
  | { readonly kind: "hmac-replayed" }
  | { readonly kind: "hmac-outside-window"; readonly aheadMs: number; readonly windowMs: number }
  /** `wantedMs` null: no interval at all. */
  | { readonly kind: "advert-interval"; readonly gotMs: number; readonly wantedMs: number | null }
  | { readonly kind: "address-list"; readonly missing: readonly string[]; readonly unexpected: readonly string[] };

/** Counters of an instance. The first eight are keepalived's. */
export type RejectionCounter =
  | "packetLengthErrors"
  | "ipTtlErrors"
  | "invalidTypeReceived"
  | "advertisementsIntervalErrors"
  | "addressListErrors"
  | "authenticationInvalid"
  | "authenticationMismatch"
  | "authenticationFailure"
  | "checksumErrors"
  | "versionErrors"
  | "vridErrors"
  | "addressErrors";

const counters: Readonly<Record<Rejection["kind"], RejectionCounter>> = {
  "ip-header": "packetLengthErrors",
  "too-short": "packetLengthErrors",
  "too-long": "packetLengthErrors",
  version: "versionErrors",
  type: "invalidTypeReceived",
  checksum: "checksumErrors",
  "old-checksum": "checksumErrors",
  "virtual-router-id": "vridErrors",
  destination: "addressErrors",
  "own-source": "addressErrors",
  "unknown-peer": "addressErrors",
  ttl: "ipTtlErrors",
  "auth-type-invalid": "authenticationInvalid",
  "auth-type": "authenticationMismatch",
  password: "authenticationFailure",
  "ah-header": "authenticationMismatch",
  "ah-icv": "authenticationFailure",
  "ah-replayed": "authenticationFailure",
  "hmac-missing": "authenticationMismatch",
  "hmac-unexpected": "authenticationMismatch",
  "hmac-unknown-key": "authenticationFailure",
  "hmac-bad": "authenticationFailure",
  "hmac-replayed": "authenticationFailure",
  "hmac-outside-window": "authenticationFailure",
  "advert-interval": "advertisementsIntervalErrors",
  "address-list": "addressListErrors",
};

export function counterOf({ kind }: Rejection): RejectionCounter {
  return counters[kind];
}

/** What a log line says after "advert from 192.0.2.2 ignored: ". */
export function describe(rejection: Rejection): string {
  switch (rejection.kind) {
    case "ip-header":
      return "not a whole IPv4 packet of VRRP";
    case "too-short":
      return `${rejection.octets} octets, ${rejection.wanted} are needed for what it says it holds`;
    case "too-long":
      return `${rejection.octets} octets, ${rejection.wanted} for what it says it holds`;
    case "version":
      return `version ${rejection.got}${rejection.wanted === null ? "" : `, version ${rejection.wanted} is configured`}`;
    case "type":
      return `type ${rejection.got} is no advertisement`;
    case "checksum":
      return "wrong checksum";
    case "old-checksum":
      return "checksum of keepalived 1.3.6 or earlier, and old_unicast_checksum is never";
    case "virtual-router-id":
      return `virtual_router_id ${rejection.got}${rejection.wanted === null ? " is none" : `, not ${rejection.wanted}`}`;
    case "destination":
      return `sent to ${rejection.got}, adverts are expected at ${rejection.wanted}`;
    case "own-source":
      return `${rejection.source} is our own address: looped back, or another machine has it too`;
    case "unknown-peer":
      return `${rejection.source} is no unicast_peer`;
    case "ttl":
      return `TTL ${rejection.got}, wanted ${rejection.min === rejection.max ? rejection.min : `${rejection.min} to ${rejection.max}`}: it came through a router, or from something else than VRRP`;
    case "auth-type-invalid":
      return `authentication type ${rejection.got} is none of VRRP's`;
    case "auth-type":
      return `authentication ${rejection.got}, ${rejection.wanted} is configured`;
    case "password":
      return "wrong password";
    case "ah-header":
      return `${rejection.problem} authentication header`;
    case "ah-icv":
      return "wrong HMAC-MD5: another password, or changed on the way";
    case "ah-replayed":
      return `sequence number ${rejection.got} is not above ${rejection.last}: sent again, or the sender started anew`;
    case "hmac-missing":
      return "not signed, and auth_hmac enforces that";
    case "hmac-unexpected":
      return "signed, and there is no auth_hmac here to verify it";
    case "hmac-unknown-key":
      return `signed with key ${rejection.keyId}, which is not among ours`;
    case "hmac-bad":
      return `wrong signature of key ${rejection.keyId}: another key, or changed on the way`;
    case "hmac-replayed":
      return "signed and not newer than the last: sent again";
    case "hmac-outside-window":
      return `signed ${Math.abs(Math.round(rejection.aheadMs))} ms ${rejection.aheadMs > 0 ? "after" : "before"} our clock, time_window is ${rejection.windowMs} ms: sent again, or the clocks differ`;
    case "advert-interval":
      return `advert_int ${rejection.gotMs} ms${rejection.wantedMs === null ? "" : `, ${rejection.wantedMs} ms is configured`}`;
    case "address-list":
      return `other virtual addresses than ours${listed("without", rejection.missing)}${listed("with", rejection.unexpected)}`;
  }
}

function listed(word: string, addresses: readonly string[]): string {
  return addresses.length === 0 ? "" : `, ${word} ${addresses.join(" ")}`;
}
