import type { VrrpInstance } from "../../config/vrrp-model.ts";

/** What of an instance's configuration its state machine goes by. */
export type RouterSettings = Pick<
  VrrpInstance,
  | "name"
  | "syncGroup"
  | "version"
  | "basePriority"
  | "advertMs"
  | "downTimerAdverts"
  | "preempt"
  | "preemptDelayMs"
  | "lowerPrioNoAdvert"
  | "higherPrioSendAdvert"
  | "ownerIgnoreAdverts"
  | "timerExpiredBackup"
  | "garp"
>;

/** Priority of the router that owns the virtual addresses (RFC 9568 section 5.2.4). */
export const OWNER_PRIORITY = 255;

/** Priority in the advert of a master that stops (RFC 9568 section 5.2.4). */
export const RESIGNING_PRIORITY = 0;
