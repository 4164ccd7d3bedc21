import type { GarpSettings } from "../../config/vrrp-model.ts";
import type { AnnouncePlan, AnnounceRounds } from "./action.ts";

/** What a router says about its addresses once it is master (RFC 9568 section 6.4.2, garp_master_*). */
export function announceAsMaster(garp: GarpSettings, why: AnnouncePlan["why"]): AnnouncePlan {
  return plan(why, garp.masterRepeat, garp.masterDelayMs, garp);
}

/** What is still to come when its predecessor has said the rest. */
export function goOnAnnouncing(garp: GarpSettings): AnnouncePlan {
  return plan("reconfigured", 0, 0, garp);
}

/** What it says when another, inferior router spoke as master (garp_lower_prio_*); null: nothing. */
export function announceOverRival(garp: GarpSettings): AnnounceRounds | null {
  return garp.lowerPrioRepeat === 0 ? null : rounds(garp.lowerPrioRepeat, garp.lowerPrioDelayMs);
}

function plan(why: AnnouncePlan["why"], repeat: number, secondAfterMs: number, garp: GarpSettings): AnnouncePlan {
  return {
    why,
    ...rounds(repeat, secondAfterMs),
    refresh: garp.masterRefreshMs === 0 ? null : { everyMs: garp.masterRefreshMs, repeat: garp.masterRefreshRepeat },
  };
}

function rounds(repeat: number, secondAfterMs: number): AnnounceRounds {
  return { repeat, second: secondAfterMs === 0 ? null : { afterMs: secondAfterMs, repeat } };
}
