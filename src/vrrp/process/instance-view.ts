import type { AddressOwner } from "../addresses/address-owner.ts";
import { explain } from "../machine/explain.ts";
import type { Phase } from "../machine/phase.ts";
import type { Contribution } from "../machine/standing.ts";
import { hasNotBegun, type RouterState } from "../machine/state.ts";
import type { InstanceCounters } from "./counters.ts";
import { describeIgnoredAdverts } from "./ignored-adverts.ts";
import type { Router } from "./router.ts";

/** What the VRRP process pushes of an instance; plain data. */
export interface InstanceView {
  readonly name: string;
  readonly state: Phase;
  readonly sinceEpochMs: number;
  readonly reason: string;
  readonly interface: string | null;
  readonly family: "inet" | "inet6";
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  readonly syncGroup: string | null;
  readonly priority: number;
  readonly basePriority: number;
  readonly contributions: readonly Contribution[];
  /** The master that it hears, or itself. */
  readonly master: { readonly address: string; readonly priority: number; readonly sinceEpochMs: number } | null;
  readonly addresses: readonly { readonly object: string; readonly present: boolean }[];
  readonly counters: InstanceCounters;
}

/** `nowMs` is of the monotonic clock, `nowEpochMs` the same moment of the wall clock. */
export function instanceView(
  router: Router,
  state: RouterState,
  owner: Pick<AddressOwner, "objectsOf">,
  nowMs: number,
  nowEpochMs: number,
): InstanceView {
  const { instance, counters } = router;
  const { name, interface: on, family, version, virtualRouterId, syncGroup } = instance;
  const { phase, standing, master, sourceAddress, sinceMs } = state;
  const epochOf = (ms: number) => Math.round(nowEpochMs - (nowMs - ms));
  const { priority, basePriority, contributions } = standing;
  const self =
    phase === "master" && sourceAddress !== null
      ? { address: sourceAddress, priority, sinceEpochMs: epochOf(sinceMs) }
      : null;
  const seen =
    phase === "backup" && master !== null
      ? { address: master.address, priority: master.priority, sinceEpochMs: epochOf(master.sinceMs) }
      : null;
  return {
    ...{ name, interface: on, family, version, virtualRouterId, syncGroup, priority, basePriority, contributions },
    state: phase,
    sinceEpochMs: epochOf(sinceMs),
    reason: reasonOf(router, state, nowMs),
    master: self ?? seen,
    addresses: owner.objectsOf(name),
    counters: { ...counters },
  };
}

/** With what may be why two are master. */
function reasonOf(router: Router, state: RouterState, nowMs: number): string {
  const why = (hasNotBegun(state) ? router.waitsFor : null) ?? explain(state, nowMs);
  const ignored = describeIgnoredAdverts(router.ignored, state.master?.address ?? null, nowMs);
  return ignored === null ? why : `${why}; ${ignored}`;
}
