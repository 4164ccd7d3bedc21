import type { ReceivedAdvert } from "../packet/advert.ts";
import type { TransitionReason } from "./reason.ts";
import type { Standing } from "./standing.ts";

/**
 * - advert: as master, the next advert; runs from the one before.
 * - master_down: as backup, the master counts as gone.
 * - preempt_delay: from then on an inferior master is preempted.
 * - startup: the instance begins.
 * - handover: a leaving master goes without a successor.
 */
export type TimerName = "advert" | "master_down" | "preempt_delay" | "startup" | "handover";

/** An advert that passed all checks of its form and origin. */
export type Advert = Pick<ReceivedAdvert, "source" | "priority" | "advertMs">;

/**
 * What happens to a router. Events are read, never kept: the object may be used again for the next one.
 *
 * Time is monotonic and goes on while the machine sleeps (CLOCK_BOOTTIME): clock steps do not exist here. Order after
 * a late wake-up: overdue advert timers first, then all packets that wait, then `stalled`, then the other timers. So a master that
 * stalled finds out before it reads what its successor sent, and a backup hears its master before it declares it dead.
 */
export type RouterEvent =
  | {
      readonly type: "startup";
      /** What is left of the startup and boot delays, as of `startupDelayMs`. */
      readonly delayMs: number;
      /** The process before this one was master and sent its last advert so long ago; null: it was not, or nobody knows. */
      readonly resumedAfterMs: number | null;
    }
  | {
      readonly type: "shutdown";
      /** Addresses: after somebody else took over, at once, or not at all (`-V`). */
      readonly release: "after_takeover" | "now" | "never";
    }
  /** An operator wants another router to be master. */
  | { readonly type: "failover" }
  | ({ readonly type: "advert" } & Advert)
  | { readonly type: "timer"; readonly timer: TimerName; readonly dueMs: number }
  /** The process was not run for so long, by the shell's own measure; packets of that time may be lost. */
  | { readonly type: "stalled"; readonly forMs: number }
  /** Priority or faults, all of them as they are now. */
  | { readonly type: "standing"; readonly standing: Standing }
  /** The address that adverts are sent from, null when there is none. */
  | { readonly type: "source_address"; readonly address: string | null }
  /** The sync group decides. */
  | { readonly type: "group_master" }
  | { readonly type: "group_backup"; readonly member: string; readonly because: TransitionReason };
