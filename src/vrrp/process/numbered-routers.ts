import type { VrrpModel } from "../../config/vrrp-model.ts";
import type { HmacKey } from "../packet/hmac-key.ts";
import { newRunning, type Router } from "./router.ts";
import { TimerTable } from "./timer-table.ts";

/** Routers have numbers, by which timers, packets and sockets know them. */
export interface NumberedRouters {
  readonly routers: Router[];
  readonly byName: ReadonlyMap<string, number>;
  readonly timers: TimerTable;
}

export const noRouters: NumberedRouters = { routers: [], byName: new Map(), timers: new TimerTable(0) };

/** Those of a new configuration. What is known of a router stays, but for those that begin `anew`. */
export function renumbered(
  before: NumberedRouters,
  model: VrrpModel,
  keys: ReadonlyMap<string, ReadonlyMap<number, HmacKey>>,
  anew: ReadonlySet<string>,
): NumberedRouters {
  const timers = new TimerTable(model.instances.length);
  const routers = model.instances.map((instance, index) => {
    const { name } = instance;
    const last = before.byName.get(name);
    const old = last === undefined ? undefined : before.routers[last];
    const fresh = newRunning(instance, keys.get(name) ?? noKeys);
    if (old === undefined || last === undefined) return fresh;
    if (anew.has(name)) return { ...fresh, counters: old.counters };
    timers.copyFrom(before.timers, last, index);
    return { ...old, instance, keys: fresh.keys };
  });
  return { routers, byName: new Map(model.instances.map(({ name }, index) => [name, index])), timers };
}

const noKeys: ReadonlyMap<number, HmacKey> = new Map();
