import { describe, expect, test } from "vitest";
import type { VirtualAddress } from "../../config/network-model.ts";
import type { AdvertisingInstance } from "./settings-of-instance.ts";
import { acceptSettingsOf, advertSettingsOf } from "./settings-of-instance.ts";
import { backupOf, captureKeys, captureSettings } from "./testing/settings.ts";

const addressOf = (address: string): VirtualAddress => ({
  ...{ family: "inet", address, prefixLength: 24, peer: null, interface: "eth0", placement: "interface", scope: 0 },
  ...{
    broadcast: null,
    label: null,
    preferredLifetimeS: null,
    flags: [],
    tracking: { kind: "instance" },
  },
});

const instance: AdvertisingInstance = {
  family: "inet",
  version: 2,
  virtualRouterId: 51,
  advertMs: 1000,
  addresses: ["192.0.2.100", "192.0.2.101"].map(addressOf),
  transport: { kind: "multicast", group: "224.0.0.18", source: null },
  checksum: { v3AsV2: false, oldUnicast: "auto" },
  authentication: null,
  hmac: null,
  skipCheckAdvAddr: false,
};

const hmac = {
  keys: [],
  activeKey: 2,
  mode: "enforce",
  antiReplay: "time",
  timeWindowMs: 5000,
} as const;

const unicast = {
  kind: "unicast",
  source: null,
  peers: [{ address: "192.0.2.1", minTtl: 0, maxTtl: 255 }],
  ttl: 255,
  checkSource: true,
} as const;

describe("an instance as configured for a capture", () => {
  test.each<[keyof typeof captureSettings, Partial<AdvertisingInstance>]>([
    ["v2", {}],
    ["v2-pass", { authentication: { type: "PASS", password: "s3cret" } }],
    ["v2-ah", { authentication: { type: "AH", password: "s3cret" } }],
    ["v2-hmac", { hmac }],
    ["v2-mcast", { transport: { kind: "multicast", group: "224.1.101.33", source: null } }],
    ["v3", { version: 3 }],
    ["v3-100ms", { version: 3, advertMs: 100 }],
    ["v3-checksum-as-v2", { version: 3, checksum: { v3AsV2: true, oldUnicast: "auto" } }],
    ["v3-hmac", { version: 3, hmac }],
  ])("sends and accepts %s", (name, change) => {
    const given = { ...instance, ...change };
    expect(advertSettingsOf(given, "192.0.2.1")).toEqual([captureSettings[name]]);
    expect(acceptSettingsOf(given, "192.0.2.2", captureKeys)).toEqual(backupOf(captureSettings[name]));
  });

  test("sends to each peer, and accepts from each", () => {
    const given: AdvertisingInstance = { ...instance, version: 3, transport: unicast };
    expect(acceptSettingsOf(given, "192.0.2.2", captureKeys)).toEqual(backupOf(captureSettings["v3-unicast"]));
    const peers = ["192.0.2.2", "192.0.2.3"].map((address) => ({ address, minTtl: 9, maxTtl: 10 }));
    const adverts = advertSettingsOf({ ...given, transport: { ...unicast, peers, ttl: 64 } }, "192.0.2.1");
    expect(adverts.map(({ destination, ttl }) => [destination, ttl])).toEqual([
      ["192.0.2.2", 64],
      ["192.0.2.3", 64],
    ]);
  });
});

test("receive-only signs nothing and verifies", () => {
  const given: AdvertisingInstance = { ...instance, hmac: { ...hmac, mode: "receive-only" } };
  expect(advertSettingsOf(given, "192.0.2.1")[0]?.signed).toBe(false);
  expect(acceptSettingsOf(given, "192.0.2.1", captureKeys).hmac?.keys).toBe(captureKeys);
});

test("the old checksum is for unicast of version 3 over IPv4, when it is asked for", () => {
  const checksumOf = (change: Partial<AdvertisingInstance>) =>
    advertSettingsOf(
      { ...instance, version: 3, transport: unicast, checksum: { v3AsV2: false, oldUnicast: "always" }, ...change },
      "192.0.2.1",
    )[0]?.checksum;
  expect(checksumOf({})).toBe("old-unicast");
  expect(checksumOf({ transport: instance.transport })).toBe("pseudo-header");
  expect(checksumOf({ family: "inet6" })).toBe("pseudo-header");
  expect(checksumOf({ version: 2 })).toBe("message");
  expect(checksumOf({ checksum: { v3AsV2: false, oldUnicast: "auto" } })).toBe("pseudo-header");
});
