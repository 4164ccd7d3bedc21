import { describe, expect, test } from "vitest";
import { describeEvent, describeStateReason } from "./describe-event.ts";
import type { DirectorEvent } from "./events.ts";
import { noOperations } from "./table-object.ts";
import { destination, service } from "./testing/samples.ts";

const key = service().key;
const refusal = {
  object: "TCP 192.0.2.1:80",
  operation: "new-service",
  errno: "ENOENT",
  message: 'new-service TCP 192.0.2.1:80: ENOENT: scheduler "foo" is not known',
  attempts: 3,
  sinceEpochMs: 0,
} as const;
const failedCheck = {
  kind: "check_failed",
  check: "HTTP_GET",
  verdict: {
    ok: false,
    latencyMs: 3,
    url: "/health",
    reason: { kind: "status", got: 503, wanted: [{ from: 200, to: 299 }] },
  },
  failures: 3,
} as const;

describe("describeEvent", () => {
  test.each<[DirectorEvent, string]>([
    [
      {
        type: "real_server_changed",
        virtualServer: "web",
        realServer: { address: "10.0.0.11", port: 443 },
        from: "up",
        to: "down",
        lastedMs: 273_600_000,
        reason: failedCheck,
      },
      "real_server web 10.0.0.11:443 up -> down after 3d 4h: HTTP_GET /health: status 503, wanted 200-299 (3rd failure)",
    ],
    [
      {
        type: "quorum_changed",
        virtualServer: "web",
        met: false,
        lastedMs: 41_000,
        weightUp: 1,
        needed: 3,
        hysteresis: 1,
      },
      "quorum web met -> lost after 41s: live weight 1 is below quorum 3 - hysteresis 1",
    ],
    [
      {
        type: "quorum_changed",
        virtualServer: "web",
        met: true,
        lastedMs: 41_000,
        weightUp: 4,
        needed: 3,
        hysteresis: 1,
      },
      "quorum web lost -> met after 41s: live weight 4 reaches quorum 3 + hysteresis 1",
    ],
    [
      {
        type: "quorum_changed",
        virtualServer: "web",
        met: false,
        lastedMs: null,
        weightUp: 0,
        needed: 1,
        hysteresis: 0,
      },
      "quorum web starts lost: live weight 0 is below quorum 1",
    ],
    [
      {
        type: "sorry_server_changed",
        virtualServer: "web",
        sorryServer: { address: "2001:db8::9", port: 80 },
        inService: true,
        lastedMs: 60_000,
      },
      "sorry_server web [2001:db8::9]:80 out -> in service after 1m: quorum lost",
    ],
    [
      { type: "adopted", services: 1, destinations: 2, operations: noOperations },
      "adopted 1 service with 2 destinations of the table found, no operations",
    ],
    [
      {
        type: "applied",
        operations: { ...noOperations, "new-service": 2, "del-destination": 1 },
        unchanged: 7,
        refused: 1,
      },
      "applied: 2 new-service, 1 del-destination, 7 services unchanged, 1 refused",
    ],
    [
      {
        type: "drift_repaired",
        object: { service: key, destination: { address: "10.0.0.1", port: 80 } },
        operation: "set-destination",
        found: destination(1, { weight: 7 }),
        wanted: destination(1, { weight: 2 }),
      },
      "drift TCP 192.0.2.1:80 -> 10.0.0.1:80: found weight 7, wanted weight 2: repaired (set-destination)",
    ],
    [
      {
        type: "drift_repaired",
        object: { service: key, destination: null },
        operation: "set-service",
        found: service({ scheduler: "rr", schedulerFlags: ["flag-1"] }),
        wanted: service({ persistence: { timeoutS: 360, prefixLength: 32, engine: null } }),
      },
      "drift TCP 192.0.2.1:80: found scheduler rr, flags flag-1, persistence none, wanted scheduler wrr, flags none, persistence 360 s /32: repaired (set-service)",
    ],
    [
      {
        type: "drift_repaired",
        object: { service: key, destination: { address: "10.0.0.7", port: 80 } },
        operation: "del-destination",
        found: destination(7),
        wanted: null,
      },
      "drift TCP 192.0.2.1:80 -> 10.0.0.7:80: found weight 1, method NAT, wanted none: repaired (del-destination)",
    ],
    [
      { type: "refused", refusal },
      'refused new-service TCP 192.0.2.1:80: ENOENT: scheduler "foo" is not known; tried again from time to time',
    ],
    [{ type: "data_plane_unavailable", message: "gone" }, "data plane available -> unavailable: gone"],
    [{ type: "data_plane_available", lastedMs: 12_000 }, "data plane unavailable -> available after 12s"],
    [
      {
        type: "record_ignored",
        file: "/run/x.json",
        why: "corrupt",
        detail: "no stamp",
        keptAs: "/run/x.json.corrupt",
      },
      "record /run/x.json ignored: corrupt: no stamp; kept as /run/x.json.corrupt",
    ],
    [{ type: "table_removed", services: 4 }, "removed 4 services of ours"],
    [{ type: "table_flushed" }, "removed every service of the table: lvs_flush_on_stop"],
    [
      { type: "ipvs_setting_changed", setting: "lvs_timeouts", from: "tcp 900 s", to: "tcp 60 s" },
      "lvs_timeouts tcp 900 s -> tcp 60 s",
    ],
    [
      { type: "ipvs_setting_refused", setting: "lvs_sync_daemon", message: "ENODEV: no such interface" },
      "lvs_sync_daemon refused: ENODEV: no such interface; tried again from time to time",
    ],
  ])("%#", (event, line) => expect(describeEvent(event)).toBe(line));

  test("is one line for every event", () => {
    const ended: DirectorEvent = { type: "refusal_ended", refusal, lastedMs: 5_000 };
    const failed: DirectorEvent = { type: "record_failed", call: "write", file: "x", message: "ENOSPC" };
    for (const event of [ended, failed]) expect(describeEvent(event)).toMatch(/^[^\n]+$/);
  });
});

describe("describeStateReason", () => {
  test("says how often a check still has to pass", () =>
    expect(describeStateReason({ kind: "check_rising", check: "TCP_CHECK", successes: 1, rise: 3 })).toBe(
      "TCP_CHECK passes again, 1 of 3 times in a row",
    ));

  test("says what alpha makes of a check that has not run", () => {
    expect(describeStateReason({ kind: "not_checked", check: "TCP_CHECK", countsAs: "down" })).toBe(
      "TCP_CHECK has no verdict yet, counts as down (alpha)",
    );
    expect(describeStateReason({ kind: "not_checked", check: "TCP_CHECK", countsAs: "up" })).toBe(
      "TCP_CHECK has no verdict yet, counts as up",
    );
  });

  test("says that a failure was inherited", () =>
    expect(describeStateReason({ kind: "check_failed", check: "TCP_CHECK", verdict: null, failures: 0 })).toBe(
      "down before, and TCP_CHECK has not passed since",
    ));
});
