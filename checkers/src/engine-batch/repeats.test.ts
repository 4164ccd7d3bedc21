import { performance } from "node:perf_hooks";
import { native } from "ipvs-netlink";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProbePass, ProbeResult, Repeats } from "../engine.ts";
import type { CheckState } from "../health.ts";
import { createProbeEngine } from "../probe-engine.ts";
import { CheckRunner } from "../runner.ts";
import { connectTo, httpGet, tcpCheck, url } from "../testing/examples.ts";
import { hangs, listen, type TestServer, unusedPort } from "../testing/misbehaving-server.ts";
import { until } from "../testing/probe-once.ts";
import { entry } from "../testing/simulation.ts";
import { gridOf } from "../together.ts";

const timeoutMs = 20_000;
const results: ProbeResult[] = [];
const passes: ProbePass[] = [];
const passesOf = (id: number) => passes.filter((pass) => pass.id === id);
let engine: ReturnType<typeof createProbeEngine>;
let repeats: Repeats;
let server: TestServer;

beforeEach(async () => {
  results.length = passes.length = 0;
  server = await listen(hangs);
  engine = createProbeEngine((batch) => results.push(...batch), {
    addon: native(),
    onPasses: (batch) => passes.push(...batch),
  });
  repeats = engine.repeats as Repeats;
  // The first run of each check is an ordinary one.
  engine.start([{ id: 1, spec: tcpCheck(connectTo(server.port)), timeoutMs }]);
  await until(() => results.length === 1);
  results.length = 0;
});
afterEach(async () => {
  engine.close();
  await server.close();
});

function repeat(ids: readonly number[], everyMs: number, port = server.port): void {
  const spec = tcpCheck(connectTo(port));
  repeats.start(
    ids.map((id) => ({ id, spec, timeoutMs, everyMs })),
    performance.now(),
  );
}

test("connects again and again, never earlier than the grid allows, and tells each pass once", async () => {
  const accepted = server.accepted();
  const startMs = performance.now();
  repeat([2, 3, 4], 300);
  await until(() => passesOf(2).length >= 2 && passesOf(3).length >= 2 && passesOf(4).length >= 2);
  const rounds = (performance.now() - startMs) / (300 - gridOf(300));
  expect(server.accepted() - accepted).toBeLessThanOrEqual(3 * Math.ceil(rounds));
  for (const { latencyMs, ageMs } of passes) {
    expect(latencyMs).toBeGreaterThan(0);
    expect(ageMs).toBeGreaterThanOrEqual(0);
  }
  const told = passes.length;
  await until(() => server.accepted() - accepted >= told);
  expect(results).toEqual([]);
  const { runs, maxMs, meanMs } = repeats.readLateness();
  expect(runs).toBeGreaterThanOrEqual(6);
  expect(maxMs).toBeGreaterThanOrEqual(meanMs);
  await until(() => server.open() === 0);
});

test("a runner that has stopped can be asked how late it was", async () => {
  const states: CheckState[] = [];
  const runner = new CheckRunner({
    createEngine: (onResults, onPasses) => createProbeEngine(onResults, { addon: native(), onPasses }),
    now: () => ({ monotonicMs: performance.now(), epochMs: Date.now() }),
    random: () => 0,
    onChanges: (changes) => states.push(...changes.map(({ state }) => state)),
  });
  runner.configure([{ key: "a", check: { ...entry(1).check, spec: tcpCheck(connectTo(server.port)) } }]);
  await until(() => states.length > 0);
  runner.stop();
  expect(runner.readLateness().maxMs).toBeGreaterThanOrEqual(0);
});

test("a run that does not pass is a result, after its passes, and the last of it", async () => {
  repeat([2], 100);
  await until(() => passesOf(2).length > 0);
  await server.close();
  await until(() => results.length > 0);
  // Reset: a connection that the server had not accepted yet when it closed.
  const kind = expect.stringMatching(/^(refused|reset)$/);
  expect(results).toMatchObject([{ id: 2, verdict: { ok: false, reason: { kind }, url: null } }]);
  const told = passes.length;
  // Another that is repeated tells its passes: by then those of the first would have been told.
  const other = await listen(hangs);
  repeat([3], 100, other.port);
  await until(() => passesOf(3).length > 1);
  expect(passes.slice(told).map(({ id }) => id)).not.toContain(2);
  expect(results).toHaveLength(1);
  engine.close();
  await other.close();
});

test("what fails before it connects is told, too", async () => {
  const port = await unusedPort();
  const spec = tcpCheck(connectTo(port, { address: "255.255.255.255" }));
  repeats.start([{ id: 2, spec, timeoutMs, everyMs: 50 }], performance.now());
  await until(() => results.length === 1);
  expect(results[0]?.verdict).toMatchObject({ ok: false, reason: { kind: "unreachable", errno: "ENETUNREACH" } });
});

test("cancel ends it, also while it waits, and its slot is used again", async () => {
  repeat([2], 50);
  repeat([3], 3_600_000);
  await until(() => passesOf(2).length > 0);
  engine.cancel([2, 3]);
  const told = passes.length;
  repeat([4, 5, 6], 50);
  await until(() => [4, 5, 6].every((id) => passesOf(id).length > 0));
  engine.cancel([4, 5, 6]);
  expect(passes.slice(told).some(({ id }) => id < 4)).toBe(false);
  await until(() => server.open() === 0);
  expect(results).toEqual([]);
});

test("one that waits for an hour is repeated now when it is expedited", async () => {
  repeat([2], 3_600_000);
  repeats.expedite([2, 99]);
  await until(() => passesOf(2).length === 1);
  repeats.expedite([2]);
  await until(() => passesOf(2).length === 2);
});

test("only connections can be repeated: what answers is judged elsewhere", () => {
  expect(repeats.can(tcpCheck(connectTo(1)))).toBe(true);
  expect(repeats.can(tcpCheck(connectTo(1, { address: "fe80::1%lo" })))).toBe(false);
  expect(repeats.can(httpGet(connectTo(1), [url()]))).toBe(false);
});
