import type { VrrpModel } from "../../config/vrrp-model.ts";
import { silenceLimitMs } from "../../vrrp/machine/master.ts";
import type { Resumed } from "./vrrp-messages.ts";

/** What a VRRP process is known to have held when it last spoke. */
export interface Held {
  readonly masters: readonly string[];
  /** They have resigned, and still answer for their addresses. */
  readonly leaving: readonly string[];
  /** In ms since the machine was started. */
  readonly atMs: number;
}

export const nothingHeld: Held = { masters: [], leaving: [], atMs: 0 };

/** When each sent its last advert, or later: alive they were then, and their last advert may have been one interval before. */
export function lastAdvertsOf(resumed: Resumed, { instances }: VrrpModel): ReadonlyMap<string, number> {
  const intervals = new Map(instances.map(({ name, advertMs }) => [name, advertMs]));
  return new Map(resumed.map(({ instance, aliveMs }) => [instance, aliveMs - (intervals.get(instance) ?? 0)]));
}

/** Of what was held, that which no process that is back at `backMs`, or later, can go on with: others may have taken over. */
export function lateMasters({ masters, leaving, atMs }: Held, model: VrrpModel, backMs: number): string[] {
  const adverts = lastAdvertsOf(
    masters.map((instance) => ({ instance, aliveMs: atMs })),
    model,
  );
  const settings = new Map(model.instances.map((instance) => [instance.name, instance]));
  const isLate = (name: string): boolean => {
    const instance = settings.get(name);
    if (instance === undefined) return true;
    return backMs - (adverts.get(name) ?? 0) >= silenceLimitMs(instance, instance.basePriority);
  };
  const groupOf = (name: string) => settings.get(name)?.syncGroup ?? null;
  // A sync group that cannot go on as a whole listens as a whole.
  const lateGroups = new Set(masters.filter(isLate).map(groupOf));
  lateGroups.delete(null);
  const late = masters.filter((name) => isLate(name) || lateGroups.has(groupOf(name)));
  return [...late, ...leaving];
}
