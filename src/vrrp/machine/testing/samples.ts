import type { GarpSettings, Tracks, VrrpInstance, VrrpSyncGroup } from "../../../config/vrrp-model.ts";
import type { Advert } from "../event.ts";
import type { RouterSettings } from "../settings.ts";
import type { Standing } from "../standing.ts";
import { newRouter, type RouterState } from "../state.ts";

const garp: GarpSettings = {
  masterDelayMs: 5000,
  masterRepeat: 5,
  masterRefreshMs: 0,
  masterRefreshRepeat: 1,
  lowerPrioDelayMs: 5000,
  lowerPrioRepeat: 5,
  extraInterfaces: null,
};

/** An instance with keepalived's defaults: version 2, priority 100, 1 s. */
export function settings(some: Partial<RouterSettings> = {}): RouterSettings {
  return {
    name: "VI_1",
    syncGroup: null,
    version: 2,
    basePriority: 100,
    advertMs: 1000,
    downTimerAdverts: 3,
    preempt: "always",
    preemptDelayMs: 0,
    lowerPrioNoAdvert: false,
    higherPrioSendAdvert: false,
    ownerIgnoreAdverts: false,
    timerExpiredBackup: null,
    garp,
    ...some,
  };
}

export function standing(priority: number, some: Partial<Standing> = {}): Standing {
  return { basePriority: priority, priority, contributions: [], faults: [], ...some };
}

/** 192.0.2.1, not started. */
export function router(some: Partial<RouterSettings> = {}, sourceAddress = "192.0.2.1"): RouterState {
  const set = settings(some);
  return newRouter(set, standing(set.basePriority), sourceAddress, 0);
}

/** From 192.0.2.2, which has priority 100. */
export function advert(some: Partial<Advert> = {}): { readonly type: "advert" } & Advert {
  return { type: "advert", source: "192.0.2.2", priority: 100, advertMs: 1000, ...some };
}

const noTracks: Tracks = { interfaces: [], scripts: [], files: [], processes: [], bfds: [], virtualServers: [] };

/** The same, with all that belongs to an instance. */
export function instance(some: Partial<VrrpInstance> = {}): VrrpInstance {
  return {
    ...settings(),
    state: "BACKUP",
    interface: "eth0",
    vrf: null,
    family: "inet",
    virtualRouterId: 51,
    strict: false,
    accept: true,
    skipCheckAdvAddr: false,
    transport: { kind: "multicast", group: "224.0.0.18", source: null },
    checksum: { v3AsV2: false, oldUnicast: "auto" },
    authentication: null,
    hmac: null,
    kernelRxBufSize: null,
    link: null,
    addresses: [],
    excludedAddresses: [],
    routes: [],
    rules: [],
    promoteSecondaries: false,
    trackPrimary: true,
    trackSource: false,
    tracks: noTracks,
    notify: {
      master: null,
      backup: null,
      fault: null,
      stop: null,
      any: null,
      priorityChanges: false,
      smtpAlert: false,
      deleted: null,
      masterRxLowerPri: null,
    },
    ...some,
  };
}

/** A sync group that tracks and tells nothing. */
export function syncGroup(name: string, members: readonly string[]): VrrpSyncGroup {
  return { name, members, tracks: noTracks, trackingWeight: false, notify: instance().notify };
}
