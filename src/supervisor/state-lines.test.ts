import { expect, test } from "vitest";
import type { VrrpSyncGroup } from "../config/vrrp-model.ts";
import type { StateChange } from "../vrrp/machine/action.ts";
import { GroupStates } from "./vrrp/group-states.ts";
import { describeTrackedChange } from "./vrrp/tracked-change.ts";

test("what is tracked: both ends, how long, why", () => {
  const change = {
    kind: "script",
    name: "chk",
    from: "up",
    to: "down",
    lastedMs: 180_000,
    why: "exited with 1",
  } as const;
  expect(describeTrackedChange(change)).toEqual({
    severity: "warning",
    message: "vrrp_script chk up -> down after 3m: exited with 1",
    fields: { event: "vrrp_script_changed", vrrp_script: "chk", from: "up", to: "down", lasted_ms: 180_000 },
  });
  expect(describeTrackedChange({ ...change, from: null }).message).toBe("vrrp_script chk starts down: exited with 1");
  const file = { kind: "file", name: "load", from: 0, to: 3, lastedMs: 5_000, why: null } as const;
  expect(describeTrackedChange(file)).toMatchObject({ severity: "info", message: "track_file load 0 -> 3 after 5 s" });
});

const group = (name: string, ...members: readonly string[]) => ({ name, members }) as unknown as VrrpSyncGroup;
const change = (instance: string, to: StateChange["to"]): StateChange =>
  ({ instance, from: "backup", to, lastedMs: 1, priority: 1, because: { kind: "started" } }) as unknown as StateChange;

test("a sync group is where all of its instances are, and says it once", () => {
  const groups = new GroupStates([group("G", "A", "B")]);
  expect(groups.happened(change("A", "backup"), 0)).toEqual([]);
  expect(groups.happened(change("B", "backup"), 0)).toMatchObject([
    { severity: "notice", message: "vrrp_sync_group G initialize -> backup: last of its instances was B, started" },
  ]);
  expect(groups.happened(change("A", "master"), 40_000)).toEqual([]);
  expect(groups.happened(change("other", "master"), 40_500)).toEqual([]);
  expect(groups.happened(change("B", "master"), 41_000)).toMatchObject([
    {
      message: "vrrp_sync_group G backup -> master after 41s: last of its instances was B, started",
      fields: { event: "vrrp_group_changed", sync_group: "G", from: "backup", to: "master", lasted_ms: 41_000 },
    },
  ]);
  expect(groups.happened(change("A", "leaving"), 50_000)).toEqual([]);
  groups.configure([group("H", "A")]);
  expect(groups.happened(change("A", "fault"), 60_000)).toMatchObject([
    { severity: "warning", message: expect.stringContaining("vrrp_sync_group H initialize -> fault") },
  ]);
});
