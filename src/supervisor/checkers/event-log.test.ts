import { describe, expect, test } from "vitest";
import type { DirectorEvent } from "../../director/events.ts";
import { noOperations } from "../../director/table-object.ts";
import { destination, service } from "../../director/testing/samples.ts";
import { severities } from "../../log/record.ts";
import { eventFields, eventSeverity } from "./event-log.ts";

const realServer = { address: "10.0.0.1", port: 80 };
const refusal = {
  object: "TCP 192.0.2.1:80",
  operation: "new-service",
  errno: "ENOENT",
  message: "no such scheduler",
  attempts: 2,
  sinceEpochMs: 0,
} as const;

/** Every type of event. The compiler asks for each that is added. */
const events: { readonly [Type in DirectorEvent["type"]]: Extract<DirectorEvent, { type: Type }> } = {
  real_server_changed: {
    type: "real_server_changed",
    virtualServer: "web",
    realServer,
    from: "up",
    to: "down",
    lastedMs: 1234.56,
    reason: { kind: "check_failed", check: "TCP_CHECK", verdict: null, failures: 1 },
  },
  quorum_changed: {
    type: "quorum_changed",
    virtualServer: "web",
    met: false,
    weightUp: 0,
    needed: 1,
    hysteresis: 0,
    lastedMs: null,
  },
  panic_changed: {
    type: "panic_changed",
    virtualServer: "web",
    active: true,
    lastedMs: null,
    up: 1,
    counted: 4,
    threshold: 50,
  },
  sorry_server_changed: {
    type: "sorry_server_changed",
    virtualServer: "web",
    sorryServer: realServer,
    inService: true,
    lastedMs: null,
  },
  adopted: { type: "adopted", services: 1, destinations: 2, operations: noOperations },
  applied: { type: "applied", operations: noOperations, unchanged: 1, refused: 0 },
  drift_repaired: {
    type: "drift_repaired",
    object: { service: service().key, destination: realServer },
    operation: "set-destination",
    found: destination(1, { weight: 7 }),
    wanted: destination(1),
  },
  refused: { type: "refused", refusal },
  refusal_ended: { type: "refusal_ended", refusal, lastedMs: 5 },
  data_plane_unavailable: { type: "data_plane_unavailable", message: "gone" },
  data_plane_available: { type: "data_plane_available", lastedMs: 5 },
  record_ignored: { type: "record_ignored", file: "x", why: "corrupt", detail: "?", keptAs: null },
  record_failed: { type: "record_failed", call: "write", file: "x", message: "ENOSPC" },
  table_removed: { type: "table_removed", services: 1 },
  table_flushed: { type: "table_flushed" },
  ipvs_setting_changed: { type: "ipvs_setting_changed", setting: "lvs_timeouts", from: "tcp 900 s", to: "tcp 60 s" },
  ipvs_setting_refused: { type: "ipvs_setting_refused", setting: "lvs_sync_daemon", message: "ENODEV" },
};

test.each(Object.values(events))("$type has a severity, and fields that JSON and journald can carry", (event) => {
  expect(severities).toContain(eventSeverity(event));
  const fields = eventFields(event);
  expect(fields).toMatchObject({ event: event.type });
  for (const value of Object.values(fields)) expect(["string", "number", "boolean"]).toContain(typeof value);
});

describe("severity", () => {
  const { real_server_changed, quorum_changed, sorry_server_changed, record_ignored } = events;
  test.each<[DirectorEvent, string]>([
    [real_server_changed, "warning"],
    [{ ...real_server_changed, from: "down", to: "up" }, "notice"],
    [quorum_changed, "error"],
    [{ ...quorum_changed, met: true }, "notice"],
    [sorry_server_changed, "warning"],
    [{ ...sorry_server_changed, inService: false }, "notice"],
    [record_ignored, "error"],
    [{ ...record_ignored, why: "stale" }, "info"],
    [events.drift_repaired, "warning"],
    [events.refused, "error"],
    [events.adopted, "info"],
  ])("%#", (event, severity) => expect(eventSeverity(event)).toBe(severity));
});

describe("fields", () => {
  test("of a change name both servers, both states and how long the old one lasted", () => {
    expect(eventFields(events.real_server_changed)).toEqual({
      event: "real_server_changed",
      virtual_server: "web",
      real_server: "10.0.0.1:80",
      from: "up",
      to: "down",
      lasted_ms: 1235,
    });
  });

  test("of a refusal name object and errno", () => {
    expect(eventFields(events.refused)).toEqual({ event: "refused", object: "TCP 192.0.2.1:80", errno: "ENOENT" });
  });
});
