import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { silenceLimitMs } from "../machine/master.ts";
import { hasNotBegun, type RouterState } from "../machine/state.ts";
import type { Router } from "./router.ts";
import type { ResumedAfter } from "./runner-options.ts";

export interface StartsOptions {
  readonly stateOf: (instance: string) => RouterState;
  /** Null: nothing. `goesOn`: it was master before, and nobody can have taken over. */
  readonly waitsFor: (instance: VrrpInstance, goesOn: boolean) => string | null;
  readonly resumedAfter: ResumedAfter;
}

export interface Start {
  readonly name: string;
  readonly resumedAfterMs: number | null;
}

/** Those that begin now; of the others that have not begun it is kept what they wait for. */
export function startsOf(
  routers: readonly Router[],
  { stateOf, waitsFor, resumedAfter }: StartsOptions,
): readonly Start[] {
  const starts = routers.flatMap((router): Start[] => {
    const { name } = router.instance;
    const state = stateOf(name);
    if (!hasNotBegun(state)) return [];
    const resumedAfterMs = resumedAfter(name);
    const goesOn = resumedAfterMs !== null && resumedAfterMs < silenceLimitMs(state.settings, state.standing.priority);
    router.waitsFor = waitsFor(router.instance, goesOn);
    return router.waitsFor === null ? [{ name, resumedAfterMs }] : [];
  });
  // Those that go on are first: who is new in their sync group follows them.
  return starts.sort((one, other) => Number(one.resumedAfterMs === null) - Number(other.resumedAfterMs === null));
}
