import { expect, test } from "vitest";
import { bfdInstanceStatus } from "../../control/bfd-status.ts";
import { newSession } from "../machine/session.ts";
import { step } from "../machine/step.ts";
import { packet } from "../machine/testing/samples.ts";
import { describeBfdEvent } from "./bfd-event.ts";
import { newCounters, sessionView } from "./session-view.ts";
import { instance } from "./testing/samples.ts";

test("status has what was negotiated, and what the neighbour says", () => {
  const settings = instance({ minRxUs: 20_500 });
  const begun = newSession(settings, 42, 1000);
  const heard = { ...packet({ state: "init", yourDiscriminator: 42 }), desiredMinTxUs: 15_000, diagnostic: 1 };
  const { session } = step(begun, { type: "packet", packet: heard }, 3000, () => 0.5);
  const shown = sessionView(settings, session, newCounters(), Date.parse("2026-01-01T00:00:09Z"));
  expect(bfdInstanceStatus(shown)).toEqual({
    name: "peer",
    state: "up",
    since: "2026-01-01T00:00:09.000Z",
    reason: "both hear each other",
    settling: false,
    neighbor: "192.0.2.2",
    source: null,
    multihop: false,
    discriminator: 42,
    multiplier: 5,
    tx_interval_ms: 10,
    detection_time_ms: 102.5,
    remote: {
      state: "init",
      diagnostic: "it has not heard us for its detection time",
      discriminator: 77,
      min_tx_ms: 15,
      min_rx_ms: 10,
      multiplier: 5,
    },
    counters: { sent: 0, send_errors: 0, received: 0, discarded: 0, came_up: 0, went_down: 0 },
  });
  const before = bfdInstanceStatus(sessionView(settings, begun, newCounters(), 0));
  expect(before).toMatchObject({ state: "down", settling: true, detection_time_ms: null, remote: null });
});

test("the log says what matters how much", () => {
  const silent = { kind: "silent", silentMs: 61.2, limitMs: 50 } as const;
  const change = { from: "up", to: "down", lastedMs: 90_000, because: silent } as const;
  const discarded = { type: "discarded", session: null, source: "192.0.2.7" } as const;
  expect(describeBfdEvent({ type: "changed", session: "peer", change })).toEqual({
    severity: "warning",
    message: "bfd peer up -> down after 1m 30s: no packet of the neighbour for 61 ms, after 50 ms it counts as down",
  });
  expect(describeBfdEvent({ ...discarded, rejection: { kind: "unknown_neighbor", source: "192.0.2.7" } }).message).toBe(
    "bfd: packet from 192.0.2.7 ignored: 192.0.2.7 is no neighbor_ip of a bfd_instance",
  );
  expect(describeBfdEvent({ type: "send_failed", session: "peer", errno: "ENETUNREACH" }).message).toBe(
    "bfd peer: packets cannot be sent: ENETUNREACH (no route to the neighbour)",
  );
  expect(describeBfdEvent({ type: "settled", session: "peer" }).message).toContain("counts as down");
});
