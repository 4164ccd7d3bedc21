import type { Instant } from "@lbctl/checkers";

/** Calls back once after `delayMs`; the returned function cancels. */
export type SetTimer = (callback: () => void, delayMs: number) => () => void;

/** Where the shells take their time from; tests bring their own. */
export interface Clock {
  readonly now: () => Instant;
  readonly setTimer: SetTimer;
}
