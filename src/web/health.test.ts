import { expect, test } from "vitest";
import { healthOf } from "./health.ts";
import { sampleKnown } from "./testing/sample-known.ts";

const { told } = sampleKnown();
const checker = { role: "checker", pid: 43, restarts: 0, answers: true };

test("healthy while all that run answer", () => {
  expect(healthOf(told)).toEqual({ healthy: true, problems: [] });
});

test("a process that is away, or does not answer, is not", () => {
  expect(healthOf({ ...told, daemon: { ...told.daemon, vrrp: "restarting" } })).toEqual({
    healthy: false,
    problems: ["the vrrp process is restarting"],
  });
  expect(healthOf({ ...told, processes: [{ ...checker, answers: false }] }).problems).toEqual([
    "the checker process does not answer",
  ]);
});

test("what is configured away does not have to live", () => {
  const daemon = { ...told.daemon, checker: "off", vrrp: "off", bfd: "off" } as const;
  expect(healthOf({ daemon, processes: [{ ...checker, pid: null }] }).healthy).toBe(true);
});
