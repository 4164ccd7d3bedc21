import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { AcceptSettings, AcceptState } from "../packet/accept-advert.ts";
import { initialAcceptState } from "../packet/accept-advert.ts";
import type { HmacKey } from "../packet/hmac-key.ts";
import { type InstanceCounters, newCounters } from "./counters.ts";
import type { IgnoredAdverts } from "./ignored-adverts.ts";

/** One instance as it runs: what it remembers of adverts, and what it counts. Its machine is in `Machines`. */
export interface Router {
  readonly instance: VrrpInstance;
  /** Of its HMAC keys, with their octets. */
  readonly keys: ReadonlyMap<number, HmacKey>;
  readonly counters: InstanceCounters;
  accept: AcceptState;
  /** Null while it has no address of its own. */
  acceptSettings: AcceptSettings | null;
  /** Its advert waits to be sent. */
  isQueued: boolean;
  ignored: IgnoredAdverts | null;
  /** A sentence without its subject: why it has not begun. */
  waitsFor: string | null;
  /** old_unicast_checksum, found out by hearing one. */
  makesOldChecksum: boolean;
}

export function newRunning(instance: VrrpInstance, keys: ReadonlyMap<number, HmacKey>): Router {
  return {
    instance,
    keys,
    counters: newCounters(),
    accept: initialAcceptState,
    acceptSettings: null,
    ignored: null,
    waitsFor: null,
    isQueued: false,
    makesOldChecksum: false,
  };
}

/** A peer was heard that only understands the checksum of old. */
export function asOnWire({ instance, makesOldChecksum }: Router): VrrpInstance {
  return makesOldChecksum ? { ...instance, checksum: { ...instance.checksum, oldUnicast: "always" } } : instance;
}
