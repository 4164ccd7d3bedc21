import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { AcceptSettings } from "./accept-advert.ts";
import type { AdvertSettings, ChecksumStyle, Password } from "./advert.ts";
import { passwordOctets } from "./authentication-header.ts";
import { ADVERT_TTL } from "./constants.ts";
import type { HmacKey } from "./hmac-key.ts";

/** What of an instance shows in its adverts. */
export type AdvertisingInstance = Pick<
  VrrpInstance,
  | "family"
  | "version"
  | "virtualRouterId"
  | "advertMs"
  | "addresses"
  | "transport"
  | "checksum"
  | "authentication"
  | "hmac"
  | "skipCheckAdvAddr"
>;

/** The adverts of an instance that sends from this address: one for the group, or one for each peer. */
export function advertSettingsOf(instance: AdvertisingInstance, source: string): AdvertSettings[] {
  const { transport, hmac } = instance;
  const unicast = transport.kind === "unicast";
  const destinations = unicast ? transport.peers.map(({ address }) => address) : [transport.group];
  return destinations.map((destination) => ({
    ...common(instance),
    source,
    destination,
    ttl: unicast ? transport.ttl : ADVERT_TTL,
    signed: hmac !== null && hmac.mode !== "receive-only",
  }));
}

/** What the instance accepts. `keys` are those of its `hmac`, by id, with the octets that they stand for. */
export function acceptSettingsOf(
  instance: AdvertisingInstance,
  source: string,
  keys: ReadonlyMap<number, HmacKey>,
): AcceptSettings {
  const { transport, hmac, checksum, skipCheckAdvAddr } = instance;
  return {
    ...common(instance),
    source,
    skipCheckAdvAddr,
    oldUnicastChecksum: checksum.oldUnicast,
    transport:
      transport.kind === "multicast"
        ? { kind: "multicast", group: transport.group }
        : {
            kind: "unicast",
            peers: new Map(transport.peers.map(({ address, ...limits }) => [address, limits])),
            checkSource: transport.checkSource,
          },
    hmac: hmac && { keys, mode: hmac.mode, antiReplay: hmac.antiReplay, timeWindowMs: hmac.timeWindowMs },
  };
}

function common(instance: AdvertisingInstance) {
  const { family, version, virtualRouterId, advertMs, addresses } = instance;
  return {
    ...{ family, version, virtualRouterId, advertMs },
    addresses: addresses.map(({ address }) => address),
    checksum: checksumOf(instance),
    authentication: passwordOf(instance),
  };
}

function checksumOf({ family, version, checksum, transport }: AdvertisingInstance): ChecksumStyle {
  if (version === 2) return "message";
  if (family === "inet6") return "pseudo-header";
  if (checksum.v3AsV2) return "message";
  return transport.kind === "unicast" && checksum.oldUnicast === "always" ? "old-unicast" : "pseudo-header";
}

function passwordOf({ version, authentication }: AdvertisingInstance): Password | null {
  if (version !== 2 || authentication === null) return null;
  return { type: authentication.type, password: passwordOctets(authentication.password) };
}
