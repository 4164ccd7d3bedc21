import { expect, test } from "vitest";
import type { VrrpInstanceStatus } from "../control/status-document.ts";
import { renderInstances } from "./render-vrrp.ts";
import type { Paint } from "./style.ts";

const nowEpochMs = Date.parse("2026-11-21T12:00:00Z");
const plain: Paint = (_, text) => text;

function instance(change: Partial<VrrpInstanceStatus>): VrrpInstanceStatus {
  return {
    name: "VI_1",
    state: "master",
    since: "2026-11-21T11:58:00Z",
    reason: "no advert from anybody for 3609 ms",
    interface: "eth0",
    family: "inet",
    version: 2,
    virtual_router_id: 51,
    sync_group: null,
    priority: 100,
    base_priority: 100,
    contributions: [],
    master: { address: "192.0.2.1", priority: 100, seen_at: "2026-11-21T11:58:00Z" },
    addresses: [{ address: "address 192.0.2.100/24 dev eth0", present: true }],
    counters: {},
    ...change,
  };
}

test("who is master and why, what makes up the priority, and which address is missing", () => {
  const lines = renderInstances(
    [
      instance({ addresses: [{ address: "address 192.0.2.100/24 dev eth0", present: false }] }),
      instance({
        name: "VI_2",
        state: "backup",
        sync_group: "G",
        interface: null,
        virtual_router_id: 7,
        priority: 96,
        base_priority: 101,
        contributions: [
          { source: "script chk_nginx", weight: -5, active: true },
          { source: "interface eth1", weight: 10, active: false },
        ],
        master: { address: "192.0.2.2", priority: 100, seen_at: "2026-11-21T11:58:00Z" },
        reason: "192.0.2.2 is master with priority 100, own 96",
      }),
      instance({ name: "VI_3", state: "fault", master: null, reason: "interface eth0 is down" }),
    ],
    nowEpochMs,
    plain,
  );
  expect(lines).toEqual([
    "VRRP INSTANCE  STATE   INTERFACE  VRID  PRIORITY                         MASTER           SINCE  WHY",
    "VI_1           master  eth0         51  100                              itself           2m     no advert from anybody for 3609 ms",
    "VI_2 (G)       backup  -             7  96 = 101 - 5 (script chk_nginx)  192.0.2.2 (100)  2m     192.0.2.2 is master with priority 100, own 96",
    "VI_3           fault   eth0         51  100                              -                2m     interface eth0 is down",
    "  missing VI_1: address 192.0.2.100/24 dev eth0",
  ]);
});

test("nothing when there is none", () => expect(renderInstances([], nowEpochMs, plain)).toEqual([]));
