import type { Check, CheckState } from "@lbctl/checkers";
import type { Model, VirtualServer } from "../config/model.ts";
import { keyOf } from "./check-key.ts";

/**
 * States for checks of a new configuration that ask what a check of the same virtual server asked before, only at other times
 * (delay_loop, retry, ...): the answer is known, and a real server that is down must not count as up for it. By check key; checks
 * that have a state of their own are left out.
 */
export function carriedOver(
  model: Model,
  virtualServerBefore: (name: string) => VirtualServer | null,
  states: ReadonlyMap<string, CheckState>,
): Map<string, CheckState> {
  const carried = new Map<string, CheckState>();
  for (const virtualServer of model.virtualServers) {
    const before = virtualServerBefore(virtualServer.name);
    if (before === null || before === virtualServer) continue;
    const fresh = checksOf(virtualServer).filter((check) => !states.has(keyOf(check)));
    if (fresh.length === 0) continue;
    const known = new Map(checksOf(before).map((check) => [question(check), states.get(keyOf(check))]));
    for (const check of fresh) {
      const state = known.get(question(check));
      if (state !== undefined) carried.set(keyOf(check), state);
    }
  }
  return carried;
}

function checksOf({ realServers }: VirtualServer): readonly Check[] {
  return realServers.flatMap(({ checks }) => checks);
}

function question({ spec }: Check): string {
  return JSON.stringify(spec);
}
