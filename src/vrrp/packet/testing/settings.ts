import type { AcceptSettings, HmacRules } from "../accept-advert.ts";
import type { AdvertSettings, ReceivedAdvert } from "../advert.ts";
import { passwordOctets } from "../authentication-header.ts";
import type { Decoded } from "../decode-advert.ts";
import { type HmacKey, prepareHmacKey } from "../hmac-key.ts";
import type { CaptureName } from "./captures.ts";

/** The keys of the captures: 1 is 00 to 1f, 2 is 20 to 3f. */
export const captureKeys: ReadonlyMap<number, HmacKey> = new Map(
  [1, 2].map((id) => [
    id,
    prepareHmacKey(
      id,
      Uint8Array.from({ length: 32 }, (_, at) => (id - 1) * 32 + at),
    ),
  ]),
);

export const activeKey = captureKeys.get(2) as HmacKey;

export const captureHmac: HmacRules = {
  keys: captureKeys,
  mode: "enforce",
  antiReplay: "time",
  timeWindowMs: 5000,
};

const inet: AdvertSettings = {
  family: "inet",
  version: 2,
  virtualRouterId: 51,
  advertMs: 1000,
  addresses: ["192.0.2.100", "192.0.2.101"],
  source: "192.0.2.1",
  destination: "224.0.0.18",
  ttl: 255,
  checksum: "message",
  authentication: null,
  signed: false,
};

const version3: AdvertSettings = { ...inet, version: 3, checksum: "pseudo-header" };

/** What the configuration of each capture says. */
export const captureSettings: Readonly<Record<CaptureName, AdvertSettings>> = {
  v2: inet,
  "v2-ah": { ...inet, authentication: { type: "AH", password: passwordOctets("s3cret") } },
  "v2-hmac": { ...inet, signed: true },
  "v2-mcast": { ...inet, destination: "224.1.101.33" },
  "v2-pass": { ...inet, authentication: { type: "PASS", password: passwordOctets("s3cret") } },
  "v2-unicast": { ...inet, destination: "192.0.2.2" },
  "v2-vmac": inet,
  v3: version3,
  "v3-100ms": { ...version3, advertMs: 100 },
  "v3-checksum-as-v2": { ...version3, checksum: "message" },
  "v3-hmac": { ...version3, signed: true },
  "v3-ipv6": {
    ...version3,
    family: "inet6",
    addresses: ["fe80::100", "2001:db8::100"],
    source: "fe80::64ce:6cff:fe27:238e",
    destination: "ff02::12",
  },
  "v3-unicast": { ...version3, destination: "192.0.2.2" },
};

/** What the backup of the sender of these adverts accepts. */
export function backupOf(settings: AdvertSettings): AcceptSettings {
  const { family, version, virtualRouterId, advertMs, addresses, checksum, authentication, signed } = settings;
  const isUnicast = !/^(22[4-9]|23|ff)/.test(settings.destination);
  return {
    ...{ family, version, virtualRouterId, advertMs, addresses, checksum, authentication },
    source: family === "inet" ? "192.0.2.2" : "fe80::2",
    transport: isUnicast
      ? { kind: "unicast", peers: new Map([[settings.source, { minTtl: 0, maxTtl: 255 }]]), checkSource: true }
      : { kind: "multicast", group: settings.destination },
    skipCheckAdvAddr: false,
    oldUnicastChecksum: "auto",
    hmac: signed ? captureHmac : null,
  };
}

/** The advert, or a test failure with the reason. */
export function accepted(decoded: Decoded): ReceivedAdvert {
  if (!decoded.ok) throw new Error(`refused: ${JSON.stringify(decoded.rejection)}`);
  return decoded.advert;
}
