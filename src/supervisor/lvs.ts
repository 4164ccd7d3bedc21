import type { CheckerLink } from "./checker-link.ts";
import type { CounterReader } from "./counter-reader.ts";
import type { OpenDataPlane } from "./open-data-plane.ts";

/** What the supervisor has for virtual servers. */
export interface Lvs {
  readonly checker: CheckerLink;
  readonly counters: CounterReader;
  readonly readOnly: OpenDataPlane;
}
