import { serviceKeyText, type TableOperation } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import type { Model } from "../config/model.ts";
import { keyOf } from "./check-key.ts";
import { Director } from "./director.ts";
import type { DirectorEvent } from "./events.ts";
import { totalOf } from "./table-object.ts";
import { ManualTime } from "./testing/manual-time.ts";
import { MemoryDataPlane } from "./testing/memory-data-plane.ts";
import { memoryRecords } from "./testing/memory-records.ts";
import { MemoryTable } from "./testing/memory-table.ts";
import {
  check,
  destination,
  healthOf,
  model,
  realServer,
  service,
  sorryServer,
  virtualServer,
} from "./testing/samples.ts";
import type { ViewChange } from "./view.ts";

/** A director with everything around it in memory; `successor` is the next process on the same table and records. */
function lab(table = new MemoryTable(), records = memoryRecords(), time = new ManualTime()) {
  const plane = new MemoryDataPlane(table, time);
  const events: DirectorEvent[] = [];
  const views: ViewChange[] = [];
  const director = new Director({
    dataPlane: plane,
    records,
    clock: time,
    onEvents: (batch) => events.push(...batch),
    onView: (change) => views.push(change),
  });
  return {
    table,
    records,
    time,
    plane,
    events,
    views,
    director,
    start: async (config: Model) => {
      const seeds = await time.until(director.inherit(config));
      return time.until(director.start(config, seeds));
    },
    ofType: (type: DirectorEvent["type"]) => events.filter((event) => event.type === type),
    successor: () => lab(table, records, time),
  };
}

const web = virtualServer();
const key = service().key;
const kinds = (operations: readonly TableOperation[]) => operations.map(({ kind }) => kind);
const endpoints = (table: MemoryTable, port = 80) =>
  table
    .entry(serviceKeyText(service({ port, key: { kind: "address", protocol: "TCP", address: "192.0.2.1", port } }).key))
    ?.destinations.map(({ address, weight }) => `${address} ${weight}`);

describe("start", () => {
  test("creates what is configured", async () => {
    const { start, table, plane } = lab();
    const report = await start(model([web]));
    expect(kinds(plane.takeSent())).toEqual(["new-service", "new-destination", "new-destination"]);
    expect(endpoints(table)).toEqual(["10.0.0.1 1", "10.0.0.2 1"]);
    expect(totalOf(report.operations)).toBe(3);
    expect(report.refused).toEqual([]);
  });

  test("records ownership before the first write", async () => {
    const { start, plane, records } = lab();
    let recordedAtFirstWrite: unknown = null;
    plane.faults.beforeOperation = () => {
      recordedAtFirstWrite ??= records.ownership.content;
    };
    await start(model([web]));
    expect(recordedAtFirstWrite).toEqual([key]);
  });

  test("a restart on an unchanged table writes nothing", async () => {
    const first = lab();
    await first.start(model([web]));
    await first.director.stop("keep");
    const second = first.successor();
    const report = await second.start(model([web]));
    expect(second.plane.takeSent()).toEqual([]);
    expect(report).toMatchObject({ unchanged: 1, foundServices: 1, foundDestinations: 2 });
    expect(second.ofType("adopted")).toMatchObject([{ services: 1, destinations: 2 }]);
  });

  test("deletes what an earlier configuration left, and nothing of others", async () => {
    const first = lab();
    const old = service({ key: { kind: "address", protocol: "TCP", address: "192.0.2.1", port: 81 } });
    const foreign = service({ key: { kind: "fwmark", family: "inet", fwmark: 7 } });
    first.table.apply({ kind: "new-service", service: foreign });
    await first.start(model([web, virtualServer({ name: "old", services: [old] })]));
    await first.director.stop("keep");
    const second = first.successor();
    await second.start(model([web]));
    expect(second.plane.takeSent()).toEqual([{ kind: "del-service", key: old.key }]);
    expect(second.table.entry(serviceKeyText(foreign.key))).not.toBeNull();
    expect(second.records.ownership.content).toEqual([key]);
  });

  test("rejects if the data plane cannot be read", async () => {
    const { plane, director, time } = lab();
    plane.faults.gone = "no ip_vs";
    await expect(time.until(director.inherit(model([web])))).rejects.toThrow("no ip_vs");
  });

  test("a real server that was down stays out until it passes, whatever alpha says", async () => {
    const first = lab();
    await first.start(model([web]));
    first.director.healthChanged([healthOf(1, "down")]);
    await first.time.advance(2000);
    // Killed: no stop.
    const second = first.successor();
    await second.start(model([web]));
    expect(second.plane.takeSent()).toEqual([]);
    expect(endpoints(second.table)).toEqual(["10.0.0.2 1"]);
    second.director.healthChanged([healthOf(1, "up")]);
    await second.time.advance(100);
    expect(endpoints(second.table)).toEqual(["10.0.0.2 1", "10.0.0.1 1"]);
  });
});

describe("health", () => {
  test("a server that goes down leaves with one operation, and comes back", async () => {
    const { start, plane, director, time, table, ofType } = lab();
    await start(model([web]));
    director.healthChanged([healthOf(1, "up"), healthOf(2, "up")]);
    await time.advance(5000);
    plane.takeSent();
    director.healthChanged([healthOf(1, "down")]);
    await time.advance(50);
    expect(plane.takeSent()).toEqual([
      { kind: "del-destination", key, destination: { address: "10.0.0.1", port: 80 } },
    ]);
    expect(ofType("real_server_changed").at(-1)).toMatchObject({ from: "up", to: "down", lastedMs: 5000 });
    director.healthChanged([healthOf(1, "up")]);
    await time.advance(50);
    expect(endpoints(table)).toEqual(["10.0.0.2 1", "10.0.0.1 1"]);
    expect(ofType("drift_repaired")).toEqual([]);
  });

  test("costs reads of the virtual servers concerned only", async () => {
    const many = Array.from({ length: 200 }, (_, index) =>
      virtualServer({
        name: `vs${index}`,
        services: [service({ key: { kind: "fwmark", family: "inet", fwmark: index + 1 } })],
        realServers: [realServer(1), realServer(2)].map((server) => ({
          ...server,
          checks: server.checks.map((one) => ({ ...one, timing: { ...one.timing, delayLoopMs: 1000 + index } })),
        })),
      }),
    );
    const { start, plane, director, time } = lab();
    await start(model(many));
    plane.servicesRead = 0;
    const checks = many[17]?.realServers[0]?.checks[0];
    if (checks === undefined) throw new Error("no check");
    director.healthChanged([{ key: keyOf(checks), state: healthOf(1, "down").state }]);
    await time.advance(50);
    expect(plane.servicesRead).toBeLessThanOrEqual(2);
  });

  test("the sorry server takes over before the last real server leaves", async () => {
    const { start, plane, director, time } = lab();
    await start(model([virtualServer({ quorum: 2, sorryServer: sorryServer(9) })]));
    director.healthChanged([healthOf(1, "up"), healthOf(2, "up")]);
    await time.advance(50);
    plane.takeSent();
    director.healthChanged([healthOf(1, "down")]);
    await time.advance(50);
    expect(kinds(plane.takeSent())).toEqual(["new-destination", "del-destination", "del-destination"]);
  });

  test("changes while a pass is under way are carried out after it, by one writer", async () => {
    const { start, director, time, table, plane } = lab();
    await start(model([web]));
    director.healthChanged([healthOf(1, "down")]);
    await time.advance(1);
    director.healthChanged([healthOf(1, "up")]);
    director.healthChanged([healthOf(2, "down")]);
    await time.advance(100);
    expect(endpoints(table)).toEqual(["10.0.0.1 1"]);
    expect(plane.maxConcurrency).toBe(1);
  });
});

describe("configure", () => {
  test("sends the difference only and counts it", async () => {
    const { start, director, time, plane } = lab();
    const other = virtualServer({ name: "other", services: [service({ key: { ...key, port: 81 } as typeof key })] });
    await start(model([web, other]));
    plane.takeSent();
    const changed = virtualServer({ realServers: [realServer(1, { weight: 5 }), realServer(3)] });
    const report = await time.until(director.configure(model([changed, other])));
    expect(plane.takeSent()).toEqual([
      { kind: "set-destination", key, destination: destination(1, { weight: 5 }) },
      { kind: "new-destination", key, destination: destination(3) },
      { kind: "del-destination", key, destination: { address: "10.0.0.2", port: 80 } },
    ]);
    expect(report.operations).toMatchObject({ "set-destination": 1, "new-destination": 1, "del-destination": 1 });
    expect(report.unchanged).toBe(1);
  });

  test("an equal configuration reads and writes nothing", async () => {
    const { start, director, time, plane } = lab();
    await start(model([web]));
    plane.takeSent();
    plane.servicesRead = 0;
    const report = await time.until(director.configure(model([structuredClone(web)])));
    expect(plane.takeSent()).toEqual([]);
    expect(plane.servicesRead).toBe(0);
    expect(report.unchanged).toBe(1);
  });

  test("plan says what configure then does, and does nothing", async () => {
    const { start, director, time, plane } = lab();
    await start(model([web]));
    plane.takeSent();
    const next = model([virtualServer({ services: [service({ scheduler: "lc" })], realServers: [realServer(2)] })]);
    const planned = await time.until(director.plan(next));
    expect(plane.takeSent()).toEqual([]);
    await time.until(director.configure(next));
    expect(plane.takeSent()).toEqual(planned.map(({ operation }) => operation));
  });

  test("health survives", async () => {
    const { start, director, time, table } = lab();
    await start(model([web]));
    director.healthChanged([healthOf(1, "down")]);
    await time.advance(50);
    await time.until(
      director.configure(model([virtualServer({ quorum: 2, realServers: [realServer(2), realServer(1)] })])),
    );
    expect(endpoints(table)).toEqual(["10.0.0.2 1"]);
  });

  test("health survives a change of when checks run, in plan and in configure: a dead server stays out", async () => {
    const { start, director, time, table, plane, ofType } = lab();
    await start(model([web]));
    director.healthChanged([healthOf(1, "down")]);
    await time.advance(1000);
    plane.takeSent();
    const timing = { ...check(1).timing, connectTimeoutMs: 1000 };
    const realServers = [1, 2].map((last) => realServer(last, { checks: [check(last, { timing })] }));
    const slower = model([virtualServer({ realServers })]);
    expect(await time.until(director.plan(slower))).toEqual([]);
    await time.until(director.configure(slower));
    expect(plane.takeSent()).toEqual([]);
    expect(endpoints(table)).toEqual(["10.0.0.2 1"]);
    expect(director.checks.get(keyOf(check(1, { timing })))?.health).toBe("down");
    expect(director.checks.has(keyOf(check(1)))).toBe(false);
    expect(ofType("real_server_changed")).toHaveLength(1);
  });

  test("a removed service is deleted and is not ours any more", async () => {
    const { start, director, time, table, plane, records } = lab();
    await start(model([web]));
    await time.until(director.configure(model([])));
    expect(table.entries()).toEqual([]);
    expect(records.ownership.content).toEqual([]);
    table.apply({ kind: "new-service", service: service() });
    plane.takeSent();
    await time.advance(60_000);
    expect(plane.takeSent()).toEqual([]);
  });
});

describe("drift", () => {
  test("a table that is known to be another is read back and filled at once", async () => {
    const { start, director, time, table, ofType } = lab();
    await start(model([web], 60_000));
    const before = table.entries();
    table.apply({ kind: "del-service", key: service().key });
    const report = await time.until(director.reconcile());
    expect(report.operations).toMatchObject({ "new-service": 1, "new-destination": 2 });
    expect(table.entries()).toEqual(before);
    expect(ofType("drift_repaired")).toHaveLength(1);
  });

  test.each<[string, TableOperation, number]>([
    ["a missing destination", { kind: "del-destination", key, destination: destination(1) }, 1],
    ["a stray destination", { kind: "new-destination", key, destination: destination(77) }, 1],
    ["a changed weight", { kind: "set-destination", key, destination: destination(1, { weight: 9 }) }, 1],
    ["a changed method", { kind: "set-destination", key, destination: destination(1, { method: "DR" }) }, 1],
    ["a changed scheduler", { kind: "set-service", service: service({ scheduler: "lc" }) }, 1],
    ["a deleted service", { kind: "del-service", key }, 3],
  ])("%s is repaired within the period, and told", async (_, operation, writes) => {
    const { start, director, time, table, plane, ofType } = lab();
    await start(model([web], 10_000));
    const before = table.entries();
    plane.takeSent();
    await time.advance(3_333);
    expect(table.apply(operation).ok).toBe(true);
    await time.advance(10_000);
    expect(new Set(table.entries()[0]?.destinations)).toEqual(new Set(before[0]?.destinations));
    expect(table.entries()[0]?.service).toEqual(before[0]?.service);
    expect(plane.takeSent()).toHaveLength(writes);
    expect(ofType("drift_repaired")).toHaveLength(1);
    expect(director.view().drift.repairedTotal).toBe(1);
  });

  test("a flush of a large table is repaired within the period", async () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      virtualServer({
        name: `vs${index}`,
        services: [service({ key: { kind: "fwmark", family: "inet", fwmark: index + 1 } })],
      }),
    );
    const { start, time, table } = lab();
    await start(model(many, 10_000));
    await time.advance(1_000);
    table.flush();
    await time.advance(10_000);
    expect(table.entries()).toHaveLength(1000);
    expect(table.entries().every(({ destinations }) => destinations.length === 2)).toBe(true);
  });
});

describe("what goes wrong", () => {
  test("a refused service is one refusal, does not stop the rest, and is tried again", async () => {
    const { start, time, table, plane, ofType, director } = lab();
    const other = virtualServer({ name: "other", services: [service({ key: { ...key, port: 81 } as typeof key })] });
    plane.faults.refused.set(serviceKeyText(key), "ENOENT");
    const report = await start(model([web, other]));
    expect(report.refused).toMatchObject([{ object: "TCP 192.0.2.1:80", errno: "ENOENT" }]);
    expect(ofType("refused")).toHaveLength(1);
    expect(table.entries()).toHaveLength(1);
    await time.advance(5_000);
    expect(ofType("refused")).toHaveLength(1);
    expect(director.view().refusals[0]?.attempts).toBeGreaterThan(2);
    plane.faults.refused.clear();
    await time.advance(10_000);
    expect(table.entries()).toHaveLength(2);
    expect(ofType("refusal_ended")).toHaveLength(1);
    expect(director.view().refusals).toEqual([]);
  });

  test("retries back off to a minute", async () => {
    const { start, time, plane } = lab();
    plane.faults.refused.set(serviceKeyText(key), "EINVAL");
    await start(model([web], 1_000_000));
    await time.advance(600_000);
    plane.takeSent();
    await time.advance(600_000);
    expect(plane.takeSent().filter(({ kind }) => kind === "new-service")).toHaveLength(10);
  });

  test("a new configuration retries at once", async () => {
    const { start, time, plane, director } = lab();
    plane.faults.refused.set(serviceKeyText(key), "EINVAL");
    await start(model([web]));
    await time.advance(100_000);
    plane.faults.refused.clear();
    const report = await time.until(director.configure(model([web])));
    expect(report.refused).toEqual([]);
    expect(report.operations["new-service"]).toBe(1);
  });

  test("while the replacement is refused the servers in place stay", async () => {
    const { start, time, plane, director, table } = lab();
    await start(model([web]));
    plane.faults.refused.set("TCP 192.0.2.1:80 -> 10.0.0.3:80", "EINVAL");
    const report = await time.until(director.configure(model([virtualServer({ realServers: [realServer(3)] })])));
    expect(report.refused).toHaveLength(1);
    expect(endpoints(table)).toEqual(["10.0.0.1 1", "10.0.0.2 1"]);
    plane.faults.refused.clear();
    await time.advance(5_000);
    expect(endpoints(table)).toEqual(["10.0.0.3 1"]);
  });

  test("an object that others keep changing is a refusal, not a busy loop", async () => {
    const { start, time, plane, table, director } = lab();
    await start(model([web]));
    plane.takeSent();
    table.apply({ kind: "set-destination", key, destination: destination(1, { weight: 9 }) });
    const real = table.apply.bind(table);
    table.apply = (operation) => (operation.kind === "set-destination" ? { ok: true } : real(operation));
    await time.advance(60_000);
    expect(plane.takeSent().length).toBeLessThan(12);
    expect(director.view().refusals).toMatchObject([{ errno: "UNVERIFIED" }]);
  });

  test("somebody who writes in between is no refusal", async () => {
    const { start, time, plane, table, director, ofType } = lab();
    await start(model([web]));
    let meddle = true;
    plane.faults.beforeOperation = (operation) => {
      if (operation.kind === "new-destination" && meddle) {
        meddle = false;
        table.apply({ ...operation, destination: { ...operation.destination, weight: 50 } });
      }
    };
    await time.until(director.configure(model([virtualServer({ realServers: [realServer(1), realServer(4)] })])));
    expect(ofType("refused")).toEqual([]);
    expect(endpoints(table)).toEqual(["10.0.0.1 1", "10.0.0.4 1"]);
  });

  test("interrupted reads are repeated", async () => {
    const { start, plane, director, time, table, ofType } = lab();
    plane.faults.interruptedReads = 2;
    await start(model([web]));
    plane.faults.interruptedReads = 2;
    director.healthChanged([healthOf(1, "down")]);
    await time.advance(100);
    expect(plane.faults.interruptedReads).toBe(0);
    expect(ofType("data_plane_unavailable")).toEqual([]);
    expect(endpoints(table)).toEqual(["10.0.0.2 1"]);
  });

  test("a data plane that goes and returns empty is filled again", async () => {
    const { start, time, plane, director, table, ofType } = lab();
    await start(model([web]));
    plane.faults.gone = "connection lost";
    director.healthChanged([healthOf(1, "down")]);
    await time.advance(5_000);
    expect(ofType("data_plane_unavailable")).toHaveLength(1);
    expect(director.view().unavailable).toBe("connection lost");
    expect((await time.until(director.configure(model([web])))).unavailable).toBe("connection lost");
    table.flush();
    plane.faults.gone = null;
    await time.advance(6_000);
    expect(ofType("data_plane_available")).toHaveLength(1);
    expect(endpoints(table)).toEqual(["10.0.0.2 1"]);
  });

  test("a run-time directory that cannot be written is told and does not stop the service", async () => {
    const { start, records, table, ofType } = lab();
    records.ownership.failure = "ENOSPC";
    await start(model([web]));
    expect(ofType("record_failed")).toMatchObject([{ file: "ownership.json", message: "ENOSPC" }]);
    expect(table.entries()).toHaveLength(1);
  });

  test("records that cannot be read are told and are as good as none", async () => {
    const { start, records, table, ofType } = lab();
    records.ownership.load = () => Promise.reject(new Error("EACCES"));
    records.health.load = async () => ({ kind: "corrupt", detail: "no stamp", keptAs: "health.json.corrupt" });
    await start(model([web]));
    expect(ofType("record_failed")).toMatchObject([{ call: "read", file: "ownership.json", message: "EACCES" }]);
    expect(ofType("record_ignored")).toMatchObject([{ file: "health.json", why: "corrupt" }]);
    expect(table.entries()).toHaveLength(1);
  });
});

describe("overrides", () => {
  test("drained keeps connections, disabled leaves, weight is replaced; all is undone", async () => {
    const { start, time, director, table } = lab();
    await start(model([web]));
    director.overridesChanged(
      new Map([
        ["web 10.0.0.1:80", { adminState: "drained", weight: null }],
        ["web 10.0.0.2:80", { adminState: "enabled", weight: 7 }],
      ]),
    );
    await time.advance(50);
    expect(endpoints(table)).toEqual(["10.0.0.1 0", "10.0.0.2 7"]);
    director.overridesChanged(new Map([["web 10.0.0.1:80", { adminState: "disabled", weight: null }]]));
    await time.advance(50);
    expect(endpoints(table)).toEqual(["10.0.0.2 1"]);
    director.overridesChanged(new Map());
    await time.advance(50);
    expect(endpoints(table)).toEqual(["10.0.0.2 1", "10.0.0.1 1"]);
  });
});

describe("stop", () => {
  test("keep leaves table and records, and nothing is written after it", async () => {
    const { start, time, director, table, plane, records } = lab();
    await start(model([web]));
    director.healthChanged([healthOf(1, "down")]);
    await time.until(director.stop("keep"));
    plane.takeSent();
    table.flush();
    await time.advance(100_000);
    expect(plane.takeSent()).toEqual([]);
    expect(records.ownership.content).toEqual([key]);
    expect(records.health.content?.checks).toHaveLength(1);
  });

  test("remove deletes our services only, and the records", async () => {
    const { start, time, director, table, records, ofType } = lab();
    const foreign = service({ key: { kind: "fwmark", family: "inet", fwmark: 7 } });
    table.apply({ kind: "new-service", service: foreign });
    await start(model([web]));
    await time.until(director.stop("remove"));
    expect(table.entries().map((entry) => entry.service)).toEqual([foreign]);
    expect(records.ownership.content).toBeNull();
    expect(records.health.content).toBeNull();
    expect(ofType("table_removed")).toMatchObject([{ services: 1 }]);
  });
});

// Found by random operations on a real kernel.
test("a virtual server that a reload takes out and another puts back starts without the quorum of a predecessor", async () => {
  const patient = virtualServer({ quorum: 2, hysteresis: 1, realServers: [1, 2, 3].map((last) => realServer(last)) });
  const first = lab();
  await first.start(model([patient]));
  expect(first.director.view().virtualServers[0]?.quorum.met).toBe(true);
  first.director.healthChanged([healthOf(1, "up"), healthOf(2, "up"), healthOf(3, "down")]);
  expect(first.director.view().virtualServers[0]?.quorum.met).toBe(true);
  await first.time.until(first.director.stop("keep"));

  const next = first.successor();
  await next.start(model([patient]));
  expect(next.director.view().virtualServers[0]?.quorum.met).toBe(true);
  const other = virtualServer({ name: "other", services: [service({ port: 81 })], realServers: patient.realServers });
  await next.time.until(next.director.configure(model([other])));
  await next.time.until(next.director.configure(model([other, patient])));
  const put = next.director.view().virtualServers.find(({ name }) => name === "web");
  expect(put?.quorum).toMatchObject({ weightUp: 2, met: false });
});
