import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { SaidLately } from "../../log/said-lately.ts";
import type { AddressOwner } from "../addresses/address-owner.ts";
import type { Action, AnnouncePlan } from "../machine/action.ts";
import { describeWarning } from "../machine/describe.ts";
import type { Warning } from "../machine/reason.ts";
import type { Announcer } from "./announcer.ts";
import type { Router } from "./router.ts";
import type { RunnerEvent } from "./runner-event.ts";
import type { Speaking } from "./speaking.ts";
import type { Surroundings } from "./surroundings.ts";
import { dueAfter, type EventTimes, type TimerTable } from "./timer-table.ts";

export interface ActingOptions {
  readonly owner: Pick<AddressOwner, "take" | "release">;
  readonly announcer: Pick<Announcer, "announce" | "announceOverRival" | "stop">;
  readonly surroundings: Pick<Surroundings, "announcementsOf">;
  readonly speaking: Pick<Speaking, "advertise">;
  readonly timers: () => TimerTable;
  readonly flush: () => void;
  readonly takeDueAdverts: () => void;
  readonly routerAt: (index: number) => Router;
  readonly tell: (event: RunnerEvent) => void;
  readonly said: SaidLately;
}

/** With these it leaves, or stays master after all. */
const moves: ReadonlySet<Warning["kind"]> = new Set(["stalled_master", "stall_unanswered", "failover_unanswered"]);

/**
 * Carries out what the state machines want done. Addresses and announcements wait until every advert of the wake-up is on its way:
 * adverts are what keeps others from taking over as well, and writing the addresses of hundreds of instances takes longer than a short
 * interval. What waits is done in the order in which it was wanted.
 */
export class Acting {
  readonly #options: ActingOptions;
  #waiting: (() => void)[] = [];

  constructor(options: ActingOptions) {
    this.#options = options;
  }

  performAll(index: number, actions: readonly Action[], times: EventTimes): void {
    for (const action of actions) this.#perform(index, action, times);
  }

  #perform(index: number, action: Action, times: EventTimes): void {
    const { nowMs } = times;
    const { owner, speaking, routerAt, tell, said, timers, announcer } = this.#options;
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
        this.#waiting.push(() => owner.take(name));
        return;
      case "remove_addresses":
        this.#waiting.push(() => owner.release(name));
        return;
      case "announce":
        this.#waiting.push(() => this.announce(router.instance, action.plan));
        return;
      case "announce_over_rival":
        this.#waiting.push(() => {
          const { addresses } = this.#options.surroundings.announcementsOf(router.instance);
          announcer.announceOverRival(name, addresses, action.rounds);
        });
        return;
      case "stop_announcing":
        this.#waiting.push(() => announcer.stop(name));
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
        if (moves.has(action.warning.kind)) tell({ type: "moved", instance: name });
        if (said.isDue(`warn ${name} ${action.warning.kind}`, nowMs)) {
          tell({ type: "warned", instance: name, message: describeWarning(action.warning) });
        }
        return;
      case "claim":
      case "ignored":
        return;
    }
  }

  /** Sends the adverts of this wake-up, then does what waits, and sends adverts that become due in between. */
  settle(): void {
    const { flush, takeDueAdverts } = this.#options;
    flush();
    for (let act = this.#waiting.shift(); act !== undefined; act = this.#waiting.shift()) {
      act();
      if (this.#waiting.length === 0) return;
      takeDueAdverts();
      flush();
    }
  }

  announce(instance: VrrpInstance, plan: AnnouncePlan): void {
    const { addresses, extra } = this.#options.surroundings.announcementsOf(instance);
    this.#options.announcer.announce(instance.name, addresses, plan, extra);
  }
}
