import type { AddressOwner } from "../addresses/address-owner.ts";
import type { TrackedValue } from "../machine/assess.ts";
import type { TrackSource } from "../machine/standing.ts";
import type { Announcer } from "./announcer.ts";
import type { Interfaces } from "./interfaces.ts";
import type { RunnerEvent } from "./runner-event.ts";

/** What a runner needs of others. */
export interface RunnerOptions {
  readonly interfaces: Interfaces;
  readonly owner: Pick<AddressOwner, "take" | "release" | "lostGroups">;
  readonly announcer: Announcer;
  /** What is known of a tracked thing that is no interface. */
  readonly tracked: (source: TrackSource) => TrackedValue | null;
  readonly onEvents: (events: readonly RunnerEvent[]) => void;
}

/** How a router begins: of those before this process, how long ago they sent their last advert as master. */
export type ResumedAfter = (instance: string) => number | null;
