import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { reloadRouter } from "./reload.ts";
import type { Standing } from "./standing.ts";
import { newRouter, type RouterState } from "./state.ts";
import { type GroupStep, type MemberActions, regroup, shared } from "./sync-group.ts";

export interface MemberReload {
  readonly after: VrrpInstance;
  /** Under the new configuration, without what comes from other members. */
  readonly standing: Standing;
  /** Null: there was no such instance. */
  readonly running: { readonly state: RouterState; readonly before: VrrpInstance } | null;
}

export interface GroupReload extends GroupStep {
  /** Instances that want a `startup` now. */
  readonly toStart: readonly string[];
}

/** What a changed configuration does to the members of a sync group, old and new: each for itself, then all the same. */
export function reloadGroup(name: string, members: readonly MemberReload[], nowMs: number): GroupReload {
  const actions: MemberActions[] = [];
  const toStart: string[] = [];
  const own = members.map(({ after, standing }) => ({ name: after.name, standing }));
  const routers = members.map(({ after, running }, at) => {
    const standing = shared(own, at);
    if (running === null) {
      toStart.push(after.name);
      return newRouter(after, standing, null, nowMs);
    }
    const result = reloadRouter(running.state, running.before, after, standing, nowMs);
    if (result.kind === "restarted") {
      toStart.push(after.name);
      actions.push({ instance: after.name, actions: result.farewell });
      return result.state;
    }
    actions.push({ instance: after.name, actions: result.step.actions });
    return result.step.state;
  });
  const regrouped = regroup(name, routers, nowMs);
  return { group: regrouped.group, actions: [...actions, ...regrouped.actions], toStart };
}
