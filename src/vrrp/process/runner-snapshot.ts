import type { TimerName } from "../machine/event.ts";
import type { AcceptState } from "../packet/accept-advert.ts";
import type { Sequence } from "../packet/sequence.ts";
import type { InstanceCounters } from "./counters.ts";
import type { MachinesSnapshot } from "./machines.ts";
import type { NumberedRouters } from "./numbered-routers.ts";
import type { PreparedAdverts } from "./prepared-adverts.ts";
import { timerNames } from "./timer-table.ts";

/** What a successor goes on from: plain data. Moments are of CLOCK_BOOTTIME, which all processes share. */
export interface RunnerSnapshot {
  /** Until when adverts were heard. */
  readonly heardUntilMs: number;
  readonly machines: MachinesSnapshot;
  readonly routers: readonly RouterSnapshot[];
}

export interface RouterSnapshot {
  readonly name: string;
  readonly counters: InstanceCounters;
  readonly accept: AcceptState;
  readonly makesOldChecksum: boolean;
  /** Of the last signed advert. */
  readonly sequence: Sequence | null;
  readonly timers: readonly { readonly timer: TimerName; readonly dueMs: number }[];
}

type AdvertsOf = (router: number) => Pick<PreparedAdverts, "sequence" | "continueFrom"> | null;

export function snapshotOf({ routers, timers }: NumberedRouters, advertsOf: AdvertsOf): RouterSnapshot[] {
  return routers.map(({ instance, counters, accept, makesOldChecksum }, router) => ({
    name: instance.name,
    counters: { ...counters },
    accept,
    makesOldChecksum,
    sequence: advertsOf(router)?.sequence ?? null,
    timers: timerNames
      .map((timer) => ({ timer, dueMs: timers.dueMs(router, timer) }))
      .filter(({ dueMs }) => Number.isFinite(dueMs)),
  }));
}

/**
 * Makes routers of the same configuration go on. Nobody listened between two processes: a master or a successor that was not heard
 * then is given that time on top.
 */
export function restore(
  { routers, byName, timers }: NumberedRouters,
  { routers: left, heardUntilMs }: RunnerSnapshot,
  nowMs: number,
): void {
  for (const each of left) {
    const number = byName.get(each.name);
    const router = number === undefined ? undefined : routers[number];
    if (number === undefined || router === undefined) continue;
    Object.assign(router.counters, each.counters);
    router.accept = each.accept;
    router.makesOldChecksum = each.makesOldChecksum;
    const deafMs = Math.max(0, nowMs - heardUntilMs);
    for (const { timer, dueMs } of each.timers) {
      timers.set(number, timer, timer === "master_down" || timer === "handover" ? dueMs + deafMs : dueMs);
    }
  }
}

/** Signed adverts count on. Once the packets are laid out. */
export function restoreSequences({ byName }: NumberedRouters, left: RunnerSnapshot, advertsOf: AdvertsOf): void {
  for (const { name, sequence } of left.routers) {
    const number = byName.get(name);
    if (number !== undefined && sequence !== null) advertsOf(number)?.continueFrom({ sequence });
  }
}
