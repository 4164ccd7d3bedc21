import type { PriorityChange, StateChange } from "../machine/action.ts";
import type { Advert } from "../machine/event.ts";
import type { Remark } from "../packet/accept-advert.ts";

/** What the runner tells: for the log, for scripts, for status. */
export type RunnerEvent =
  | { readonly type: "changed"; readonly change: StateChange }
  /** It leaves, or was about to and stays: no change for others, but who starts this process again has to know. */
  | { readonly type: "moved"; readonly instance: string }
  | { readonly type: "priority_changed"; readonly change: PriorityChange }
  | { readonly type: "lower_priority_received"; readonly instance: string; readonly advert: Advert }
  | { readonly type: "warned"; readonly instance: string; readonly message: string }
  | {
      readonly type: "advert_rejected";
      readonly instance: string;
      readonly source: string | null;
      readonly message: string;
    }
  | { readonly type: "advert_remarked"; readonly instance: string; readonly source: string; readonly remark: Remark }
  | {
      readonly type: "unknown_vrid";
      readonly interface: string | null;
      readonly virtualRouterId: number;
      readonly source: string;
    }
  | { readonly type: "send_failed"; readonly instance: string; readonly errno: string }
  | { readonly type: "socket_failed"; readonly instance: string; readonly message: string };
