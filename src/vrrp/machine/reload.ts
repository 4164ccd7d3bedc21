import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { Action } from "./action.ts";
import { announceAsMaster } from "./announce-plan.ts";
import { claimMaster, enterStopped } from "./enter.ts";
import { OWNER_PRIORITY } from "./settings.ts";
import type { Standing } from "./standing.ts";
import { newRouter, type RouterState } from "./state.ts";
import { step } from "./step.ts";
import { keep, type Step } from "./step-result.ts";
import { masterDownMs } from "./timing.ts";

/** What makes a router another one on the wire, or moves it to another interface. */
const identity = [
  "interface",
  "vrf",
  "family",
  "version",
  "virtualRouterId",
  "link",
] as const satisfies readonly (keyof VrrpInstance)[];

/** What neighbours are told of by a master, where, and how often. */
const announced = ["addresses", "excludedAddresses", "garp"] as const satisfies readonly (keyof VrrpInstance)[];

/** Two routers that agree in this are the same one. Plain data. */
export function routerIdentity(instance: VrrpInstance): unknown[] {
  return identity.map((setting) => instance[setting]);
}

export type Reload =
  /** Goes on in its state; sockets and addresses follow the configuration. */
  | { readonly kind: "kept"; readonly step: Step }
  /** Ends under the old configuration (these actions), and wants a `startup` under the new one. */
  | { readonly kind: "restarted"; readonly farewell: readonly Action[]; readonly state: RouterState };

/**
 * What a changed configuration does to a running router. A master stays master and a backup keeps its master, whatever
 * changes but its identity.
 */
export function reloadRouter(
  state: RouterState,
  before: VrrpInstance,
  after: VrrpInstance,
  standing: Standing,
  nowMs: number,
): Reload {
  const moved = identity.filter((setting) => differ(before[setting], after[setting]));
  if (moved.length > 0) {
    const ended = enterStopped(state, { kind: "reconfigured", settings: moved }, nowMs, false);
    // The addresses it is sent from belong to the interface: the shell tells the new one.
    return { kind: "restarted", farewell: ended.actions, state: newRouter(after, standing, null, nowMs) };
  }
  const changed: Step = step({ ...state, settings: after }, { type: "standing", standing }, nowMs);
  const { phase } = changed.state;
  if (phase !== state.phase) return { kind: "kept", step: changed };
  if (phase === "master") return { kind: "kept", step: asMaster(changed, before, after) };
  if (phase === "backup") return { kind: "kept", step: asBackup(changed, before, after, nowMs) };
  return { kind: "kept", step: changed };
}

function asMaster({ state, actions }: Step, before: VrrpInstance, after: VrrpInstance): Step {
  const more: Action[] = [];
  // Backups of version 3 learn the interval from it, and a shorter one must not wait for the end of a longer.
  if (before.advertMs !== after.advertMs) more.push(...(state.heartbeat ?? []));
  if (announced.some((setting) => differ(before[setting], after[setting]))) {
    more.push({ type: "announce", plan: announceAsMaster(after.garp, "reconfigured") });
  }
  return keep(state, [...actions, ...more]);
}

function asBackup({ state, actions }: Step, before: VrrpInstance, after: VrrpInstance, nowMs: number): Step {
  const more: Action[] = [];
  const delays = ["preempt", "preemptDelayMs"] as const;
  const isJudgedAnew = delays.some((setting) => before[setting] !== after[setting]);
  if (isJudgedAnew && state.preemptDelay === "running") more.push({ type: "cancel_timer", timer: "preempt_delay" });
  const judged: RouterState = isJudgedAnew
    ? { ...state, preempting: null, preemptDelay: "none", heartbeat: null }
    : state;
  const claim = becomesOwner(before, after)
    ? ({ kind: "owner" } as const)
    : after.syncGroup === null
      ? state.claim
      : null;
  if (claim !== null) {
    const claimed = claimMaster(judged, claim, nowMs);
    return keep(claimed.state, [...actions, ...more, ...claimed.actions]);
  }
  if (before.advertMs !== after.advertMs || before.downTimerAdverts !== after.downTimerAdverts) {
    const advertMs = state.master?.advertMs ?? after.advertMs;
    const afterMs = masterDownMs(after, state.standing.priority, advertMs);
    more.push({ type: "set_timer", timer: "master_down", afterMs });
  }
  return keep(judged, [...actions, ...more]);
}

function becomesOwner(before: VrrpInstance, after: VrrpInstance): boolean {
  return before.basePriority !== OWNER_PRIORITY && after.basePriority === OWNER_PRIORITY;
}

function differ(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}
