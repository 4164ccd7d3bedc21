import type { Advert, TimerName } from "./event.ts";
import type { Phase } from "./phase.ts";
import type { IgnoreReason, TransitionReason, Warning } from "./reason.ts";
import type { Contribution } from "./standing.ts";

/** What the shell has to do, in this order. */
export type Action =
  /** With this priority, 0 included; everything else in the advert is configuration. */
  | { readonly type: "send_advert"; readonly priority: number }
  /** Counts from the time of the event; replaces what was set. */
  | { readonly type: "set_timer"; readonly timer: TimerName; readonly afterMs: number }
  | { readonly type: "cancel_timer"; readonly timer: TimerName }
  | { readonly type: "add_addresses" }
  | { readonly type: "remove_addresses" }
  /** Replaces the plan before it. */
  | { readonly type: "announce"; readonly plan: AnnouncePlan }
  /** Beside the plan, of which what is still to come stays. */
  | { readonly type: "announce_over_rival"; readonly rounds: AnnounceRounds }
  /** Ends all rounds that are still to come. */
  | { readonly type: "stop_announcing" }
  | { readonly type: "changed"; readonly change: StateChange }
  | { readonly type: "priority_changed"; readonly change: PriorityChange }
  /** For notify_master_rx_lower_pri. */
  | { readonly type: "lower_priority_received"; readonly advert: Advert }
  /** In a sync group: would be master, if all members could. */
  | { readonly type: "claim" }
  | { readonly type: "ignored"; readonly reason: IgnoreReason }
  | { readonly type: "warn"; readonly warning: Warning };

/** Gratuitous ARP or unsolicited NA for every address: so many at once, and again. */
export interface AnnounceRounds {
  readonly repeat: number;
  readonly second: { readonly afterMs: number; readonly repeat: number } | null;
}

export interface AnnouncePlan extends AnnounceRounds {
  readonly why: "became_master" | "stalled" | "reconfigured" | "put_back";
  /** As long as the router is master. */
  readonly refresh: { readonly everyMs: number; readonly repeat: number } | null;
}

/** For log line, notify scripts and status. */
export interface StateChange {
  readonly instance: string;
  readonly from: Phase;
  readonly to: Phase;
  /** How long the old state lasted. */
  readonly lastedMs: number;
  readonly priority: number;
  readonly because: TransitionReason;
}

export interface PriorityChange {
  readonly instance: string;
  readonly from: number;
  readonly to: number;
  readonly basePriority: number;
  readonly contributions: readonly Contribution[];
}
