import type { Instant, SetTimer } from "@lbctl/checkers";

/** Where the shells take their time from; tests bring their own. */
export interface Clock {
  readonly now: () => Instant;
  readonly setTimer: SetTimer;
}
