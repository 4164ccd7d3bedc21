import type { Check, CheckState } from "@lbctl/checkers";
import { endpointText } from "ipvs-netlink";
import type { Model, RealServer, VirtualServer } from "../config/model.ts";
import { keyOf } from "./check-key.ts";

/**
 * States for checks of a new configuration that have none of their own, from what the virtual server's checks found before.
 * By check key. One that asks the same as before, only at other times (delay_loop, retry, ...), has the answer. One that asks
 * something else of a real server that was down starts as down: a reload must not put it back on trust.
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
    const fresh = virtualServer.realServers.flatMap((realServer) =>
      realServer.checks.filter((check) => !states.has(keyOf(check))).map((check) => ({ realServer, check })),
    );
    if (fresh.length === 0) continue;
    const answers = new Map(checksOf(before).map((check) => [question(check), states.get(keyOf(check))]));
    const realServersBefore = new Map(before.realServers.map((each) => [endpointText(each.destination), each]));
    for (const { realServer, check } of fresh) {
      const state =
        answers.get(question(check)) ?? downBefore(realServersBefore.get(endpointText(realServer.destination)), states);
      if (state !== undefined) carried.set(keyOf(check), state);
    }
  }
  return carried;
}

/** Down since when it was, without the verdict of a check that is no more; undefined if no check said so. */
function downBefore(before: RealServer | undefined, states: ReadonlyMap<string, CheckState>): CheckState | undefined {
  const found = before?.checks.map((check) => states.get(keyOf(check))).find((state) => state?.health === "down");
  return found === undefined ? undefined : { ...found, failures: 0, verdict: null, checkedEpochMs: null };
}

function checksOf({ realServers }: VirtualServer): readonly Check[] {
  return realServers.flatMap(({ checks }) => checks);
}

function question({ spec }: Check): string {
  return JSON.stringify(spec);
}
