import type { SaidLately } from "../../log/said-lately.ts";
import type { Action } from "../machine/action.ts";
import type { Advert } from "../machine/event.ts";
import type { RouterState } from "../machine/state.ts";
import { acceptAdvert, type Remark } from "../packet/accept-advert.ts";
import type { ReceivedAdvert } from "../packet/advert.ts";
import { describe, type Rejection } from "../packet/rejection.ts";
import { countRejection } from "./counters.ts";
import { afterIgnored } from "./ignored-adverts.ts";
import type { KnownAdvert, KnownAdverts } from "./known-adverts.ts";
import type { Ear, Hearer, ReceiveSocket } from "./receive-socket.ts";
import { decodePacket, type ReceivedPacket } from "./received-packet.ts";
import type { Router } from "./router.ts";
import type { RunnerEvent } from "./runner-event.ts";
import type { EventTimes } from "./timer-table.ts";

export interface HearingOptions {
  /** Routers that listen on a socket for a VRID. */
  readonly listeners: (socket: Hearer, virtualRouterId: number) => readonly number[];
  readonly routerAt: (index: number) => Router;
  readonly stateOf: (router: number) => RouterState;
  /**
   * An advert that counts. The object is used again for the next one. Answers the state of the router if it came to nothing but its
   * heartbeat, as the same advert in that state will again.
   */
  readonly onAdvert: (
    router: number,
    advert: { readonly type: "advert" } & Advert,
    times: EventTimes,
  ) => RouterState | null;
  readonly onHeartbeat: (router: number, heartbeat: readonly Action[], times: EventTimes) => void;
  /** A peer makes the checksum of old: ours to it has to be so, too. */
  readonly onOldChecksum: (router: number) => void;
  readonly tell: (event: RunnerEvent) => void;
  readonly said: SaidLately;
  readonly tellUnknownVrids: () => boolean;
}

/** Takes packets to the routers that they are for: judges, counts, and tells what is odd. */
export class Hearing {
  readonly #options: HearingOptions;
  readonly #heard: { type: "advert" } & { -readonly [K in keyof Advert]: Advert[K] } = {
    type: "advert",
    source: "",
    priority: 0,
    advertMs: 0,
  };

  /** Of the router that took the last advert; null: it changed something, or the next one of its kind is another. */
  #heartbeatState: RouterState | null = null;

  constructor(options: HearingOptions) {
    this.#options = options;
  }

  /** `arrivedMs`: it may have waited until now. */
  #hear(socket: Hearer, packet: ReceivedPacket, nowMs: number, arrivedMs: number): void {
    const { listeners } = this.#options;
    const times = { nowMs, dueMs: null, arrivedMs };
    const decoded = decodePacket(packet);
    if (!decoded.ok) {
      const routers = decoded.virtualRouterId === null ? [] : listeners(socket, decoded.virtualRouterId);
      for (const router of routers) this.#reject(router, decoded.rejection, decoded.source, nowMs);
      return;
    }
    const { advert } = decoded;
    const routers = listeners(socket, advert.virtualRouterId);
    if (routers.length === 0) this.#strange(socket, advert, nowMs);
    let first: { readonly router: number; readonly rejection: Rejection } | null = null;
    // Several when they differ by where adverts come from: the one that it is for takes it.
    for (const router of routers) {
      const rejection = this.#offer(router, advert, times);
      if (rejection === null) {
        if (routers.length === 1 && this.#heartbeatState !== null) {
          socket.known.learn(
            advert.virtualRouterId,
            router,
            this.#options.routerAt(router),
            this.#heartbeatState,
            packet,
          );
        }
        return;
      }
      first ??= { router, rejection };
    }
    if (first !== null) this.#reject(first.router, first.rejection, advert.source, nowMs);
  }

  /** Null when the advert is for this router, whatever it makes of it. */
  #offer(index: number, advert: ReceivedAdvert, times: EventTimes): Rejection | null {
    const router = this.#options.routerAt(index);
    if (router.acceptSettings === null) return null;
    const verdict = acceptAdvert(router.acceptSettings, router.accept, advert, Date.now());
    if (!verdict.ok) return verdict.rejection;
    const isAsBefore = verdict.state === router.accept && verdict.remarks.length === 0;
    const { authenticationHeader, trailer } = advert.bytes;
    router.accept = verdict.state;
    router.counters.advertisementsReceived++;
    if (advert.priority === 0) router.counters.priorityZeroReceived++;
    else if (this.#options.stateOf(index).phase === "master") router.counters.otherMasterSeen++;
    for (const remark of verdict.remarks) this.#remark(index, remark, advert.source, times.nowMs);
    const heard = this.#heard;
    heard.source = advert.source;
    heard.priority = advert.priority;
    heard.advertMs = advert.advertMs;
    const state = this.#options.onAdvert(index, heard, times);
    const isRepeatable = isAsBefore && authenticationHeader === null && trailer === null;
    this.#heartbeatState = isRepeatable ? state : null;
    return null;
  }

  /** Hears all that has come in on a socket. */
  read(socket: ReceiveSocket, nowMs: number): void {
    const ear: Ear = {
      onPacket: (packet, arrivedMs) => this.#hear(socket, packet, nowMs, arrivedMs),
      onAgain: (known, times, arrivedMs) => this.#hearAgain(known, times, nowMs, arrivedMs),
      isStill: this.isStill,
    };
    socket.receive(ear, nowMs);
  }

  /** Takes in what came again since this was last asked for. */
  catchUp(known: Pick<KnownAdverts, "take">, nowMs: number): void {
    known.take((advert, times, arrivedMs) => this.#hearAgain(advert, times, nowMs, Math.min(nowMs, arrivedMs)));
  }

  /** Whether an advert would come to the same again. */
  readonly isStill = ({ router: index, settings, accept, state }: KnownAdvert): boolean => {
    const { routerAt, stateOf } = this.#options;
    const router = routerAt(index);
    return router.acceptSettings === settings && router.accept === accept && stateOf(index) === state;
  };

  #hearAgain({ router, state }: KnownAdvert, times: number, nowMs: number, arrivedMs: number): void {
    const { routerAt, onHeartbeat } = this.#options;
    routerAt(router).counters.advertisementsReceived += times;
    if (state.heartbeat !== null) onHeartbeat(router, state.heartbeat, { nowMs, dueMs: null, arrivedMs });
  }

  #reject(index: number, rejection: Rejection, source: string | null, nowMs: number): void {
    const router = this.#options.routerAt(index);
    const { counters, instance } = router;
    countRejection(counters, rejection);
    router.ignored = afterIgnored(router.ignored, source, rejection, { advertMs: instance.advertMs, nowMs });
    if (!this.#options.said.isDue(`reject ${instance.name} ${source} ${rejection.kind}`, nowMs)) return;
    this.#options.tell({ type: "advert_rejected", instance: instance.name, source, message: describe(rejection) });
  }

  #remark(index: number, remark: Remark, source: string, nowMs: number): void {
    // The machine tells of other intervals.
    if (remark.kind === "advert-interval") return;
    const { instance } = this.#options.routerAt(index);
    if (remark.kind === "checksum" && remark.got === "old-unicast" && instance.checksum.oldUnicast === "auto") {
      this.#options.onOldChecksum(index);
    }
    if (!this.#options.said.isDue(`remark ${instance.name} ${source} ${remark.kind}`, nowMs)) return;
    this.#options.tell({ type: "advert_remarked", instance: instance.name, source, remark });
  }

  #strange(socket: Hearer, { virtualRouterId, source }: ReceivedAdvert, nowMs: number): void {
    if (!this.#options.tellUnknownVrids()) return;
    const on = socket.endpoint.interface?.name ?? null;
    if (!this.#options.said.isDue(`stranger ${on} ${virtualRouterId} ${source}`, nowMs)) return;
    this.#options.tell({ type: "unknown_vrid", interface: on, virtualRouterId, source });
  }
}
