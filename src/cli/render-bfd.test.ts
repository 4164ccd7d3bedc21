import { expect, test } from "vitest";
import { view } from "../bfd/process/testing/samples.ts";
import { bfdInstanceStatus } from "../control/bfd-status.ts";
import { renderSessions } from "./render-bfd.ts";
import type { Paint } from "./style.ts";

const nowEpochMs = Date.parse("2026-11-21T12:00:00Z");
const plain: Paint = (_, text) => text;

test("sessions with their intervals, since when, and why", () => {
  const up = { state: "up", verdict: "up", txIntervalUs: 10_000, detectionTimeUs: 50_500 } as const;
  const sessions = [
    view({ ...up, reason: "both hear each other" }),
    view({ name: "far", neighbor: "2001:db8::9", multihop: true }),
  ].map(bfdInstanceStatus);
  expect(renderSessions(sessions, nowEpochMs, plain)).toEqual([
    "BFD INSTANCE  STATE  NEIGHBOR                     TX   DETECT  SINCE  WHY",
    "peer          up     192.0.2.2                 10 ms  50.5 ms  2m     both hear each other",
    "far           down   2001:db8::9 (multihop)  1000 ms        -  2m     no packet of the neighbour yet",
  ]);
  expect(renderSessions([], nowEpochMs, plain)).toEqual([]);
});
