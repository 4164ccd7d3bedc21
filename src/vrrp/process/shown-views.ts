import type { AddressOwner } from "../addresses/address-owner.ts";
import type { RouterState } from "../machine/state.ts";
import { counterNames, type InstanceCounters, type ToldCounters } from "./counters.ts";
import { stillIgnored } from "./ignored-adverts.ts";
import { type InstanceView, instanceView } from "./instance-view.ts";
import type { Runner } from "./runner.ts";

/** Who is told. */
export interface ViewsTold {
  readonly onViews: (views: readonly InstanceView[]) => void;
  readonly onCounters: (counted: ToldCounters) => void;
}

interface Shown {
  readonly state: RouterState;
  readonly text: string;
}

/** What was shown of each instance, so that only what is otherwise is shown again. */
export class ShownViews {
  readonly #views = new Map<string, Shown>();
  readonly #counters = new Map<string, readonly number[]>();

  /** Tells what is news; `which` are looked at whether they are. */
  tell(
    runner: Runner,
    owner: Pick<AddressOwner, "objectsOf">,
    which: "all" | "moved",
    { onViews, onCounters }: ViewsTold,
  ): void {
    const nowMs = runner.nowMs();
    const views = runner.routers.flatMap((router) => {
      const state = runner.stateOf(router.instance.name);
      if (which === "moved" && router.ignored === null && !this.hasMoved(router.instance.name, state)) return [];
      const view = instanceView(router, state, owner, nowMs, Date.now());
      router.ignored = stillIgnored(router.ignored, nowMs);
      return this.isNews(view, state) ? [view] : [];
    });
    if (views.length > 0) onViews(views);
    const counted = this.counted(runner.routers);
    if (counted.length > 0) onCounters(counted);
  }

  /** The instances that there are from now on; one that comes back later is news. */
  configure(instances: readonly string[]): void {
    for (const map of [this.#views, this.#counters]) {
      for (const name of map.keys()) if (!instances.includes(name)) map.delete(name);
    }
  }

  /** Whether its machine is where it was; addresses may be others. A delay that runs is shown with what is left of it. */
  hasMoved(instance: string, state: RouterState): boolean {
    return this.#views.get(instance)?.state !== state || state.preemptDelay === "running";
  }

  /** Whether this view is another than the last, but for its counters. */
  isNews(view: InstanceView, state: RouterState): boolean {
    const { sinceEpochMs, master, counters, ...rest } = view;
    const text = JSON.stringify([rest, master?.address, master?.priority]);
    const isNews = this.#views.get(view.name)?.text !== text;
    this.#views.set(view.name, { state, text });
    return isNews;
  }

  /** Of those who have counted something since the last call. */
  counted(
    routers: readonly { readonly instance: { readonly name: string }; readonly counters: InstanceCounters }[],
  ): ToldCounters {
    const told: [string, readonly number[]][] = [];
    for (const { instance, counters } of routers) {
      const { name } = instance;
      const before = this.#counters.get(name);
      if (before !== undefined && counterNames.every((counter, at) => counters[counter] === before[at])) continue;
      const values = counterNames.map((counter) => counters[counter]);
      this.#counters.set(name, values);
      told.push([name, values]);
    }
    return told;
  }
}
