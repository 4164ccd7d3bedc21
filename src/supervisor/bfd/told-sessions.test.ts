import { expect, test } from "vitest";
import { instance, view } from "../../bfd/process/testing/samples.ts";
import { sessionsForCheckers, sessionsForVrrp, ToldSessions } from "./told-sessions.ts";

const up = view({ state: "up", verdict: "up", reason: "both hear each other" });
const down = view({ verdict: "down", reason: "no packet" });

test("of a new session VRRP is told that it is down, and checkers nothing until it is known", () => {
  const told = new ToldSessions();
  const first = told.configure([instance()]);
  expect(sessionsForVrrp(first)).toEqual([{ source: { kind: "bfd", name: "peer" }, value: "down" }]);
  expect(sessionsForCheckers(first)).toEqual([]);
  expect(told.heard([view()])).toEqual([]);
  expect(sessionsForCheckers(told.heard([down]))).toEqual([
    { source: { kind: "bfd", name: "peer" }, value: "down", why: "no packet" },
  ]);
});

test("what is known outlives the process: a session that begins again changes nothing until it had its time", () => {
  const told = new ToldSessions();
  told.configure([instance()]);
  expect(told.heard([up])).toMatchObject([{ vrrp: "up", checker: { value: "up" } }]);
  expect(told.heard([view()])).toEqual([]);
  expect(told.all()).toMatchObject([{ vrrp: "up" }]);
  expect(told.heard([up])).toEqual([]);
  expect(told.heard([down])).toMatchObject([{ vrrp: "down" }]);
});

test("after a reload it counts for the same session only", () => {
  const told = new ToldSessions();
  told.configure([instance()]);
  told.heard([up]);
  expect(told.configure([instance({ minTxUs: 5000 })])).toMatchObject([{ vrrp: "up" }]);
  expect(told.configure([instance({ neighbor: "192.0.2.9" })])).toMatchObject([{ vrrp: "down", checker: null }]);
  expect(told.configure([])).toEqual([]);
  expect(told.heard([up])).toEqual([]);
});

test("vrrp and checker say who is told", () => {
  const told = new ToldSessions();
  told.configure([
    instance({ name: "a", tells: { vrrp: true, checker: false } }),
    instance({ name: "b", tells: { vrrp: false, checker: true } }),
  ]);
  const now = told.heard([view({ ...up, name: "a" }), view({ ...up, name: "b" })]);
  expect(sessionsForVrrp(now).map(({ source }) => source.name)).toEqual(["a"]);
  expect(sessionsForCheckers(now).map(({ source }) => source.name)).toEqual(["b"]);
});
