import { expect, test } from "vitest";
import {
  describeChange,
  describeIgnored,
  describePriorityChange,
  describeReason,
  describeWarning,
} from "./describe.ts";
import { explain } from "./explain.ts";
import type { TransitionReason, Warning } from "./reason.ts";
import { step } from "./step.ts";
import { advert, router } from "./testing/samples.ts";

test.each<[TransitionReason, string]>([
  [{ kind: "started" }, "started"],
  [{ kind: "start_delayed", delayMs: 5500 }, "starts in 5.5 s"],
  [
    { kind: "resumed", silentMs: 210, limitMs: 3609.4 },
    "its last advert was 210 ms ago, nobody took over before 3609 ms",
  ],
  [{ kind: "no_master_heard", waitedMs: 36.09 }, "no advert from anybody for 36.1 ms"],
  [
    { kind: "greater_address", address: "192.0.2.2", priority: 100, own: "192.0.2.1" },
    "192.0.2.2 has the same priority 100 and a greater address than 192.0.2.1",
  ],
  [
    {
      kind: "fault",
      faults: [
        { kind: "interface_missing", interface: "eth1" },
        { kind: "no_source_address", interface: "eth0" },
        { kind: "static_track", group: "t" },
      ],
    },
    "interface eth1 does not exist; no source address on eth0; a static address, route or rule of track_group t is missing",
  ],
  [{ kind: "handed_over", to: "192.0.2.2" }, "handed over to 192.0.2.2"],
  [{ kind: "reconfigured", settings: ["virtualRouterId", "link"] }, "reload with another virtualRouterId, link"],
  [
    { kind: "group_master", group: "G", because: { kind: "owner" } },
    "sync group G becomes master; here: it owns the addresses (priority 255)",
  ],
])("%j", (reason, text) => expect(describeReason(reason)).toBe(text));

test.each<[Warning, string]>([
  [
    { kind: "second_master", address: "192.0.2.2", priority: 90, ownPriority: 100 },
    "192.0.2.2 is master too, with priority 90 (own 100)",
  ],
  [
    { kind: "second_master_stays", address: "192.0.2.2", priority: 90, forMs: 8000, adverts: 8 },
    "192.0.2.2 (priority 90) has been master too for 8 s, 8 adverts: it does not hear this router, or the virtual_router_id is used twice",
  ],
  [
    { kind: "advert_interval_differs", address: "192.0.2.2", theirsMs: 400, oursMs: 100 },
    "192.0.2.2 has advert_int 400 ms, here it is 100 ms",
  ],
  [{ kind: "late", timer: "advert", lateMs: 12.34 }, "advert late by 12.3 ms"],
])("%j", (warning, text) => expect(describeWarning(warning)).toBe(text));

test("a change has both ends, how long the old state lasted, and why", () =>
  expect(
    describeChange({
      instance: "VI_1",
      from: "backup",
      to: "master",
      lastedMs: 41_000,
      priority: 100,
      because: { kind: "master_silent", address: "192.0.2.2", priority: 100, silentMs: 3609 },
    }),
  ).toBe("vrrp VI_1 backup -> master after 41s: no advert from 192.0.2.2 (priority 100) for 3609 ms"));

test("a priority with what makes it up", () =>
  expect(
    describePriorityChange({
      instance: "VI_1",
      from: 101,
      to: 96,
      basePriority: 101,
      contributions: [
        {
          source: { kind: "script", name: "nginx" },
          weight: -5,
          reverse: false,
          ofGroup: false,
          active: true,
          adds: -5,
        },
      ],
    }),
  ).toBe("vrrp VI_1 priority 101 -> 96 (101 - 5 for script nginx)"));

test("what is ignored", () => expect(describeIgnored("other_resigned")).toContain("not the master"));

test.each([
  [{}, 110, "192.0.2.2 is master with priority 110, own 100"],
  [{}, 90, "192.0.2.2 is master with priority 90, lower than 100; about to take over"],
  [{ preempt: "never" }, 90, "192.0.2.2 is master with priority 90, lower than 100; nopreempt"],
  [
    { preempt: "on_failure" },
    90,
    "192.0.2.2 is master with priority 90, lower than 100; preempt on_failure, and its priority did not fall",
  ],
  [{ preemptDelayMs: 60_000 }, 90, "192.0.2.2 is master with priority 90, lower than 100; preempt_delay, another 45s"],
  [{}, 0, "192.0.2.2 resigned; takes over unless a better one does"],
] as const)("why not master: %j, priority %i", (some, priority, text) => {
  const started = step(router(some), { type: "startup", delayMs: 0, resumedAfterMs: null }, 0).state;
  expect(explain(started, 0)).toBe("listens for a master");
  const { state } = step(started, advert({ priority }), 5000);
  expect(explain(state, 20_000)).toBe(text);
});
