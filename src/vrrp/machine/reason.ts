import type { Fault } from "./standing.ts";

/** Why a router changed its state. Closed: each has a sentence in `describeReason`. */
export type TransitionReason =
  | { readonly kind: "configured" }
  | { readonly kind: "started" }
  /** vrrp_startup_delay or vrrp_delay_after_boot. */
  | { readonly kind: "start_delayed"; readonly delayMs: number }
  /** A router with priority 255 waits for nobody. */
  | { readonly kind: "owner" }
  /** The process came back before others could notice that it was gone. */
  | { readonly kind: "resumed"; readonly silentMs: number; readonly limitMs: number }
  | { readonly kind: "no_master_heard"; readonly waitedMs: number }
  | { readonly kind: "master_silent"; readonly address: string; readonly priority: number; readonly silentMs: number }
  /** The master said priority 0. */
  | { readonly kind: "master_resigned"; readonly address: string }
  | { readonly kind: "preempts"; readonly address: string; readonly priority: number; readonly ownPriority: number }
  /** preempt: on_failure. */
  | {
      readonly kind: "saw_drop";
      readonly address: string;
      readonly from: number;
      readonly to: number;
      readonly ownPriority: number;
    }
  | { readonly kind: "superior"; readonly address: string; readonly priority: number; readonly ownPriority: number }
  | { readonly kind: "greater_address"; readonly address: string; readonly priority: number; readonly own: string }
  /** Silent for so long, for want of being run, that others may have taken over. */
  | { readonly kind: "stalled"; readonly silentMs: number; readonly limitMs: number }
  | { readonly kind: "fault"; readonly faults: readonly Fault[] }
  | { readonly kind: "faults_cleared" }
  | { readonly kind: "handed_over"; readonly to: string }
  | { readonly kind: "handover_unanswered"; readonly waitedMs: number }
  | { readonly kind: "shutdown" }
  /** The sync group moved, because of what happened to a member (this one or another). */
  | { readonly kind: "group_master"; readonly group: string; readonly because: TransitionReason }
  /** It is new in a sync group whose other members are master. */
  | { readonly kind: "group_joined"; readonly group: string }
  | {
      readonly kind: "group_backup";
      readonly group: string;
      readonly member: string;
      readonly because: TransitionReason;
    }
  | { readonly kind: "reconfigured"; readonly settings: readonly string[] };

/** Why an event changed nothing. Closed: each has a sentence in `describeIgnored`. */
export type IgnoreReason =
  | "not_started"
  | "in_fault"
  | "stopped"
  | "leaving"
  | "lower_priority"
  | "other_resigned"
  | "resigned_before"
  | "own_address"
  | "owner"
  | "not_master"
  | "not_concerned";

/** What somebody should look at. Closed: each has a sentence in `describeWarning`. */
export type Warning =
  | {
      readonly kind: "second_master";
      readonly address: string;
      readonly priority: number;
      readonly ownPriority: number;
    }
  /** It does not give way: another router of that VRID, or it does not hear us. */
  | {
      readonly kind: "second_master_stays";
      readonly address: string;
      readonly priority: number;
      readonly forMs: number;
      readonly adverts: number;
    }
  | { readonly kind: "equal_priority"; readonly address: string; readonly priority: number }
  | { readonly kind: "own_address_used"; readonly address: string }
  | {
      readonly kind: "advert_interval_differs";
      readonly address: string;
      readonly theirsMs: number;
      readonly oursMs: number;
    }
  | { readonly kind: "late"; readonly timer: "advert" | "master_down"; readonly lateMs: number }
  /** As backup: the silence may be its own, so the master gets one more interval. */
  | { readonly kind: "stalled_backup"; readonly stallMs: number; readonly waitMs: number }
  /** As master: it asks whether somebody took over meanwhile, and answers for its addresses until then. */
  | { readonly kind: "stalled_master"; readonly silentMs: number; readonly limitMs: number }
  | { readonly kind: "stall_unanswered"; readonly waitedMs: number }
  /** It stays master: nobody took over. */
  | { readonly kind: "failover_unanswered"; readonly waitedMs: number }
  /** An address owner is master whatever others did meanwhile. */
  | { readonly kind: "stalled_owner"; readonly silentMs: number };
