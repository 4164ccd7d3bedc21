import type { GarpSettings } from "../../config/vrrp-model.ts";
import type { AnnouncePlan } from "./action.ts";

/** What a router says about its addresses once it is master (RFC 9568 section 6.4.2, garp_master_*). */
export function announceAsMaster(
  garp: GarpSettings,
  why: Exclude<AnnouncePlan["why"], "lower_priority_master">,
): AnnouncePlan {
  return plan(why, garp.masterRepeat, garp.masterDelayMs, garp);
}

/** What is still to come when its predecessor has said the rest. */
export function goOnAnnouncing(garp: GarpSettings): AnnouncePlan {
  return plan("reconfigured", 0, 0, garp);
}

/** What it says when another, inferior router spoke as master (garp_lower_prio_*); null: nothing. */
export function announceOverRival(garp: GarpSettings): AnnouncePlan | null {
  if (garp.lowerPrioRepeat === 0) return null;
  return plan("lower_priority_master", garp.lowerPrioRepeat, garp.lowerPrioDelayMs, garp);
}

function plan(why: AnnouncePlan["why"], repeat: number, secondAfterMs: number, garp: GarpSettings): AnnouncePlan {
  return {
    why,
    repeat,
    second: secondAfterMs === 0 ? null : { afterMs: secondAfterMs, repeat },
    refresh: garp.masterRefreshMs === 0 ? null : { everyMs: garp.masterRefreshMs, repeat: garp.masterRefreshRepeat },
  };
}
