import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { AddressOwner } from "../addresses/address-owner.ts";
import type { Action, AnnouncePlan } from "../machine/action.ts";
import { describeWarning } from "../machine/describe.ts";
import type { Announcer } from "./announcer.ts";
import type { Router } from "./router.ts";
import type { RunnerEvent } from "./runner-event.ts";
import type { SaidLately } from "./said-lately.ts";
import type { Speaking } from "./speaking.ts";
import type { Surroundings } from "./surroundings.ts";
import { dueAfter, type EventTimes, type TimerTable } from "./timer-table.ts";

export interface ActingOptions {
  readonly owner: Pick<AddressOwner, "take" | "release">;
  readonly announcer: Announcer;
  readonly surroundings: Surroundings;
  readonly speaking: Speaking;
  readonly timers: () => TimerTable;
  readonly flush: () => void;
  readonly routerAt: (index: number) => Router;
  readonly tell: (event: RunnerEvent) => void;
  readonly said: SaidLately;
}

/** Carries out what the state machines want done. */
export class Acting {
  readonly #options: ActingOptions;

  constructor(options: ActingOptions) {
    this.#options = options;
  }

  performAll(index: number, actions: readonly Action[], times: EventTimes): void {
    for (const action of actions) this.#perform(index, action, times);
  }

  #perform(index: number, action: Action, times: EventTimes): void {
    const { nowMs } = times;
    const { owner, speaking, routerAt, tell, said, timers, flush, announcer } = this.#options;
    const router = routerAt(index);
    const { name } = router.instance;
    switch (action.type) {
      case "send_advert":
        speaking.advertise(index, action.priority, nowMs);
        return;
      case "set_timer":
        timers().set(index, action.timer, dueAfter(action.timer, action.afterMs, times));
        return;
      case "cancel_timer":
        timers().cancel(index, action.timer);
        return;
      case "add_addresses":
        // The advert first: it is what keeps others from taking over as well.
        flush();
        owner.take(name);
        return;
      case "remove_addresses":
        flush();
        owner.release(name);
        return;
      case "announce":
        this.announce(router.instance, action.plan);
        return;
      case "stop_announcing":
        announcer.stop(name);
        return;
      case "changed":
        if (action.change.to === "master") router.counters.becomeMaster++;
        else if (action.change.from === "master") router.counters.releaseMaster++;
        tell({ type: "changed", change: action.change });
        return;
      case "priority_changed":
        tell({ type: "priority_changed", change: action.change });
        return;
      case "lower_priority_received":
        tell({ type: "lower_priority_received", instance: name, advert: action.advert });
        return;
      case "warn":
        if (said.isDue(`warn ${name} ${action.warning.kind}`, nowMs)) {
          tell({ type: "warned", instance: name, message: describeWarning(action.warning) });
        }
        return;
      case "claim":
      case "ignored":
        return;
    }
  }

  announce(instance: VrrpInstance, plan: AnnouncePlan): void {
    const { addresses, extra } = this.#options.surroundings.announcementsOf(instance);
    this.#options.announcer.announce(instance.name, addresses, plan, extra);
  }
}
