import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { hasNotBegun, type RouterState } from "../machine/state.ts";
import type { Router } from "./router.ts";
import type { ResumedAfter } from "./runner-options.ts";

export interface StartsOptions {
  readonly stateOf: (instance: string) => RouterState;
  /** Null: nothing. `goesOn`: it was master before. */
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
    if (!hasNotBegun(stateOf(name))) return [];
    const resumedAfterMs = resumedAfter(name);
    router.waitsFor = waitsFor(router.instance, resumedAfterMs !== null);
    return router.waitsFor === null ? [{ name, resumedAfterMs }] : [];
  });
  // Those that go on are first: who is new in their sync group follows them.
  return starts.sort((one, other) => Number(one.resumedAfterMs === null) - Number(other.resumedAfterMs === null));
}
