import type { SaidLately } from "../../log/said-lately.ts";
import { nextAuthenticationSequence } from "../packet/authentication-header.ts";
import type { Router } from "./router.ts";
import type { RunnerEvent } from "./runner-event.ts";
import type { Wire } from "./wire.ts";

export interface SpeakingOptions {
  readonly wire: Wire;
  readonly routerAt: (index: number) => Router;
  readonly tell: (event: RunnerEvent) => void;
  readonly said: SaidLately;
}

/** Gets adverts ready, and sends all of one wake-up at once. */
export class Speaking {
  readonly #options: SpeakingOptions;

  constructor(options: SpeakingOptions) {
    this.#options = options;
  }

  /** To be sent with the next flush. A router without an address of its own says nothing. */
  advertise(index: number, priority: number, nowMs: number): void {
    const router = this.#options.routerAt(index);
    const adverts = this.#options.wire.advertsOf(index);
    if (adverts === null) return;
    // Its packets are still those of the last advert until they are sent.
    if (router.isQueued) this.flush(nowMs);
    const nowEpochMs = Date.now();
    const { accept } = router;
    const authenticationSequence = adverts.isAuthenticated
      ? nextAuthenticationSequence(accept.authenticationSequence, nowEpochMs)
      : accept.authenticationSequence;
    adverts.ready(priority, nowEpochMs, authenticationSequence);
    // Receiving counts on from there: peers and we share the numbers of a virtual router.
    if (adverts.isAuthenticated) router.accept = { ...accept, authenticationSequence, isOwnSequence: true };
    this.#options.wire.queue(index);
    router.isQueued = true;
    if (priority === 0) router.counters.priorityZeroSent++;
  }

  flush(nowMs: number): void {
    this.#options.wire.flush((index, errno) => {
      const router = this.#options.routerAt(index);
      router.isQueued = false;
      if (errno === null) {
        router.counters.advertisementsSent++;
        return;
      }
      router.counters.sendErrors++;
      const { name } = router.instance;
      if (this.#options.said.isDue(`send ${name} ${errno}`, nowMs)) {
        this.#options.tell({ type: "send_failed", instance: name, errno });
      }
    });
  }
}
