import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { RouterState } from "../machine/state.ts";
import type { AcceptSettings, AcceptState } from "../packet/accept-advert.ts";
import { initialAcceptState } from "../packet/accept-advert.ts";
import type { HmacKey } from "../packet/hmac-key.ts";
import { type InstanceCounters, newCounters } from "./counters.ts";

/** One instance as it runs: its machine, what it remembers of adverts, and what it counts. */
export interface Router {
  readonly instance: VrrpInstance;
  /** Of its HMAC keys, with their octets. */
  readonly keys: ReadonlyMap<number, HmacKey>;
  readonly counters: InstanceCounters;
  state: RouterState;
  accept: AcceptState;
  /** Null while it has no address of its own. */
  acceptSettings: AcceptSettings | null;
  /** When it last sent an advert as master, in monotonic ms. */
  lastAdvertMs: number;
  /** Its advert waits to be sent. */
  isQueued: boolean;
  /** old_unicast_checksum, found out by hearing one. */
  makesOldChecksum: boolean;
}

export function newRunning(instance: VrrpInstance, state: RouterState, keys: ReadonlyMap<number, HmacKey>): Router {
  return {
    instance,
    keys,
    counters: newCounters(),
    state,
    accept: initialAcceptState,
    acceptSettings: null,
    lastAdvertMs: 0,
    isQueued: false,
    makesOldChecksum: false,
  };
}
