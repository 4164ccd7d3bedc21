import { describe, expect, test } from "vitest";
import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { Action } from "./action.ts";
import { reloadRouter } from "./reload.ts";
import { newRouter, type RouterState } from "./state.ts";
import { step } from "./step.ts";
import { advert, instance, standing } from "./testing/samples.ts";

const nowMs = 20_000;
const backupOf = (before: VrrpInstance): RouterState => {
  const fresh = newRouter(before, standing(before.basePriority), "192.0.2.1", 0);
  const listening = step(fresh, { type: "startup", delayMs: 0, resumedAfterMs: null }, 0).state;
  return step(listening, advert({ priority: 90, advertMs: before.advertMs }), 500).state;
};
const masterOf = (before: VrrpInstance): RouterState =>
  step(backupOf(before), { type: "timer", timer: "master_down", dueMs: 3609 }, 3609).state;

function reload(from: "master" | "backup", before: Partial<VrrpInstance>, after: Partial<VrrpInstance>) {
  const old = instance(before);
  const next = instance({ ...before, ...after });
  const state = from === "master" ? masterOf(old) : backupOf(old);
  return reloadRouter(state, old, next, standing(next.basePriority), nowMs);
}

function kept(result: ReturnType<typeof reloadRouter>): { state: RouterState; actions: readonly Action[] } {
  if (result.kind !== "kept") throw new Error("restarted");
  return result.step;
}

const types = (actions: readonly Action[]) => actions.map(({ type }) => type);

test("nothing changed: nothing to do", () => {
  for (const phase of ["master", "backup"] as const) {
    const { state, actions } = kept(reload(phase, {}, {}));
    expect(state.phase).toBe(phase);
    expect(actions).toEqual([]);
  }
});

describe("a master stays master", () => {
  test("with another priority, which its next advert tells", () => {
    const { state, actions } = kept(reload("master", {}, { basePriority: 50 }));
    expect(state.phase).toBe("master");
    expect(types(actions)).toEqual(["priority_changed"]);
    const next = step(state, { type: "timer", timer: "advert", dueMs: nowMs }, nowMs);
    expect(next.actions[0]).toEqual({ type: "send_advert", priority: 50 });
  });

  test("with other addresses, which are announced", () => {
    const address = { address: "192.0.2.100" } as VrrpInstance["addresses"][number];
    for (const setting of ["addresses", "excludedAddresses"] as const) {
      const { actions } = kept(reload("master", {}, { [setting]: [address] }));
      expect(actions).toMatchObject([{ type: "announce", plan: { why: "reconfigured" } }]);
    }
  });

  test("with another interval, which is told at once", () => {
    const { actions } = kept(reload("master", { version: 3 }, { advertMs: 100 }));
    expect(actions).toEqual([
      { type: "send_advert", priority: 100 },
      { type: "set_timer", timer: "advert", afterMs: 100 },
    ]);
  });

  test("when it is no owner any more", () =>
    expect(kept(reload("master", { basePriority: 255 }, { basePriority: 100 })).state.phase).toBe("master"));
});

describe("a backup keeps its master", () => {
  test("and goes by its new priority from the next advert on", () => {
    const { state } = kept(reload("backup", { basePriority: 80 }, { basePriority: 100 }));
    expect(state.master?.address).toBe("192.0.2.2");
    expect(step(state, advert({ priority: 90 }), nowMs).state.preempting).toBe("lower_priority");
  });

  test("nopreempt from now on: it is not about to take over any more", () => {
    const { state } = kept(reload("backup", {}, { preempt: "never" }));
    expect(state.preempting).toBeNull();
    expect(types(step(state, advert({ priority: 90 }), nowMs).actions)).toEqual(["set_timer"]);
  });

  test("preempt_delay that runs ends with its setting", () =>
    expect(kept(reload("backup", { preemptDelayMs: 60_000 }, { preemptDelayMs: 0 })).actions).toEqual([
      { type: "cancel_timer", timer: "preempt_delay" },
    ]));

  test("and waits as long as the new setting says", () =>
    expect(kept(reload("backup", { basePriority: 90 }, { downTimerAdverts: 5 })).actions).toEqual([
      { type: "set_timer", timer: "master_down", afterMs: 5000 + (166 * 1000) / 256 },
    ]));

  test("an owner does not wait", () =>
    expect(kept(reload("backup", { basePriority: 80 }, { basePriority: 255 })).state.phase).toBe("master"));
});

test.each([
  { virtualRouterId: 52 },
  { interface: "eth1" },
  { version: 3 },
  { family: "inet6" },
  { vrf: "red" },
] as const)("%j makes it another router: the old one resigns and gives back", (after) => {
  const result = reload("master", {}, after);
  if (result.kind !== "restarted") throw new Error("kept");
  expect(result.farewell[0]).toEqual({ type: "send_advert", priority: 0 });
  expect(types(result.farewell)).toContain("remove_addresses");
  expect(result.state.phase).toBe("initialize");
});

test("a fault that comes with the configuration", () => {
  const before = instance();
  const broken = standing(100, { faults: [{ kind: "no_unicast_peer" }] });
  const { state, actions } = kept(reloadRouter(masterOf(before), before, before, broken, nowMs));
  expect(state.phase).toBe("fault");
  expect(actions[0]).toEqual({ type: "send_advert", priority: 0 });
});
