import type { Health } from "@lbctl/checkers";
import fc from "fast-check";
import { endpointText } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import { desired } from "./desired.ts";
import { type Facts, noFacts, type Override } from "./facts.ts";
import { destination, healthOf, realServer, service, sorryServer, virtualServer } from "./testing/samples.ts";

function factsOf(healths: Record<number, Health>, overrides: Record<string, Override> = {}): Facts {
  const checks = Object.entries(healths).map(([last, health]) => healthOf(Number(last), health));
  return {
    ...noFacts,
    checks: new Map(checks.map(({ key, state }) => [key, state])),
    overrides: new Map(Object.entries(overrides)),
  };
}

const weights = (result: ReturnType<typeof desired>) =>
  Object.fromEntries(result.entries[0]?.destinations.map(({ address, weight }) => [address.slice(7), weight]) ?? []);

describe("desired", () => {
  const plain = virtualServer();
  const inhibiting = virtualServer({
    realServers: [realServer(1, { inhibitOnFailure: true, weight: 3 }), realServer(2)],
  });

  test("a failed real server leaves, or keeps weight 0 with inhibit_on_failure", () => {
    expect(weights(desired(plain, factsOf({ 1: "down" }), null, 0))).toEqual({ 2: 1 });
    expect(weights(desired(inhibiting, factsOf({ 1: "down" }), null, 0))).toEqual({ 1: 0, 2: 1 });
  });

  test("every service of the virtual server gets the same destinations", () => {
    const two = virtualServer({ services: [service(), service({ port: 81 })] });
    const { entries } = desired(two, factsOf({ 1: "down" }), null, 0);
    expect(entries).toHaveLength(2);
    expect(entries[1]?.destinations).toEqual(entries[0]?.destinations);
  });

  test("drained: weight 0; drained and failed: out; disabled: out, also with inhibit_on_failure", () => {
    const drained = { "web 10.0.0.1:80": { adminState: "drained", weight: null } } as const;
    const disabled = { "web 10.0.0.1:80": { adminState: "disabled", weight: null } } as const;
    expect(weights(desired(plain, factsOf({}, drained), null, 0))).toEqual({ 1: 0, 2: 1 });
    expect(weights(desired(plain, factsOf({ 1: "down" }, drained), null, 0))).toEqual({ 2: 1 });
    expect(weights(desired(inhibiting, factsOf({ 1: "down" }, disabled), null, 0))).toEqual({ 2: 1 });
    const { decision } = desired(plain, factsOf({ 1: "down" }, drained), null, 0);
    expect(decision.realServers[0]).toMatchObject({ health: "down", adminState: "drained", state: "drained" });
    expect(decision.quorum.weightUp).toBe(1);
  });

  test("an overridden weight is the effective one and counts for the quorum", () => {
    const { entries, decision } = desired(
      plain,
      factsOf({}, { "web 10.0.0.1:80": { adminState: "enabled", weight: 9 } }),
      null,
      0,
    );
    expect(entries[0]?.destinations[0]?.weight).toBe(9);
    expect(decision.quorum.weightUp).toBe(10);
  });

  test("without a sorry server a lost quorum leaves the live ones in", () =>
    expect(weights(desired(virtualServer({ quorum: 2 }), factsOf({ 1: "down" }), null, 0))).toEqual({ 2: 1 }));

  test("with a sorry server a lost quorum puts it in and all others out", () => {
    const sorry = virtualServer({ quorum: 2, sorryServer: sorryServer(9), realServers: inhibiting.realServers });
    const lost = desired(sorry, factsOf({ 1: "down" }), null, 0);
    expect(weights(lost)).toEqual({ 1: 0, 9: 1 });
    expect(lost.decision.realServers[1]).toMatchObject({
      state: "unknown",
      inTable: false,
      reason: { kind: "quorum_lost" },
    });
    expect(lost.decision.sorryServer?.inService).toBe(true);
    const met = desired(sorry, factsOf({ 1: "up" }), lost.decision, 5);
    expect(weights(met)).toEqual({ 1: 3, 2: 1 });
    expect(met.events.map(({ type }) => type)).toEqual([
      "real_server_changed",
      "quorum_changed",
      "sorry_server_changed",
    ]);
  });

  test("sorry_server_inhibit keeps it with weight 0 while it is not needed", () =>
    expect(
      weights(desired(virtualServer({ sorryServer: sorryServer(9, { inhibit: true }) }), noFacts, null, 0)),
    ).toEqual({
      1: 1,
      2: 1,
      9: 0,
    }));

  test("a sorry server that is also a real server is one destination", () => {
    const both = virtualServer({ quorum: 2, sorryServer: sorryServer(1, { inhibit: true }) });
    expect(weights(desired(both, factsOf({ 1: "down", 2: "up" }), null, 0))).toEqual({ 1: 1 });
    expect(weights(desired({ ...both, quorum: 1 }, factsOf({ 1: "down" }), null, 0))).toEqual({ 1: 0, 2: 1 });
    expect(weights(desired({ ...both, quorum: 1 }, noFacts, null, 0))).toEqual({ 1: 1, 2: 1 });
  });

  test("hysteresis follows the previous decision, or what a predecessor left", () => {
    const three = virtualServer({
      quorum: 2,
      hysteresis: 1,
      sorryServer: sorryServer(9),
      realServers: [1, 2, 3].map((last) => realServer(last)),
    });
    const two = factsOf({ 1: "up", 2: "up", 3: "down" });
    expect(desired(three, two, null, 0).decision.quorum.met).toBe(false);
    const all = desired(three, factsOf({}), null, 0);
    expect(all.decision.quorum.met).toBe(true);
    expect(desired(three, two, all.decision, 0).decision.quorum.met).toBe(true);
    expect(desired(three, { ...two, inheritedQuorum: new Map([["web", true]]) }, null, 0).decision.quorum.met).toBe(
      true,
    );
  });

  test("since: of the check at first, of the change later", () => {
    const checks = new Map([healthOf(1, "up", 77), healthOf(2, "up", 99)].map(({ key, state }) => [key, state]));
    const first = desired(plain, { ...noFacts, checks }, null, 1000);
    expect(first.decision.realServers.map(({ sinceEpochMs }) => sinceEpochMs)).toEqual([77, 99]);
    const second = desired(plain, factsOf({ 1: "down", 2: "up" }), first.decision, 2000);
    expect(second.decision.realServers.map(({ sinceEpochMs }) => sinceEpochMs)).toEqual([2000, 99]);
    expect(second.events).toMatchObject([{ type: "real_server_changed", from: "up", to: "down", lastedMs: 1923 }]);
  });

  test("a clock that was set back makes no time negative", () => {
    const quorate = virtualServer({ sorryServer: sorryServer(9), realServers: [realServer(1)] });
    const { key, state } = healthOf(1, "up", 10_000);
    const first = desired(quorate, { ...noFacts, checks: new Map([[key, state]]) }, null, 10_000);
    const second = desired(quorate, factsOf({ 1: "down" }), first.decision, 2000);
    const third = desired(quorate, factsOf({ 1: "up" }), second.decision, 1000);
    for (const { events } of [second, third]) {
      expect(events.map(({ type }) => type).sort()).toEqual([
        "quorum_changed",
        "real_server_changed",
        "sorry_server_changed",
      ]);
      for (const event of events) expect(event).toMatchObject({ lastedMs: 0 });
    }
  });
});

describe("several services", () => {
  const key = (port: number) => ({ kind: "address", protocol: "TCP", address: "192.0.2.1", port }) as const;
  const services = [
    service({ key: key(80) }),
    service({ key: key(443) }),
    service({ key: { ...key(80), address: "192.0.2.2" } }),
  ];
  const anyPort = (last: number) => realServer(last, { destination: destination(last, { port: 0 }) });

  test("all have the same destinations; port 0 is the port of each service", () => {
    const group = virtualServer({ services, realServers: [anyPort(1), realServer(2)] });
    const { entries, decision } = desired(group, noFacts, null, 0);
    expect(entries.map(({ destinations }) => destinations.map(endpointText))).toEqual([
      ["10.0.0.1:80", "10.0.0.2:80"],
      ["10.0.0.1:443", "10.0.0.2:80"],
      ["10.0.0.1:80", "10.0.0.2:80"],
    ]);
    expect(decision.realServers.map(endpointText)).toEqual(["10.0.0.1:0", "10.0.0.2:80"]);
    const down = desired(group, factsOf({ 1: "down" }), decision, 0);
    expect(down.entries.map(({ destinations }) => destinations.map(endpointText))).toEqual(
      services.map(() => ["10.0.0.2:80"]),
    );
  });

  test("a mark keeps every port", () => {
    const fwmark = service({ key: { kind: "fwmark", family: "inet", fwmark: 7 } });
    const group = virtualServer({ services: [...services, fwmark], realServers: [anyPort(1)] });
    expect(desired(group, noFacts, null, 0).entries.at(-1)?.destinations.map(endpointText)).toEqual(["10.0.0.1:0"]);
  });

  test("a sorry server that is a real server in one of them only stands once in each", () => {
    const sorry = sorryServer(1, { destination: destination(1, { port: 443 }) });
    const group = virtualServer({ services, realServers: [anyPort(1)], sorryServer: sorry });
    const up = desired(group, factsOf({ 1: "up" }), null, 0);
    expect(up.entries.map(({ destinations }) => destinations.map(endpointText))).toEqual([
      ["10.0.0.1:80"],
      ["10.0.0.1:443"],
      ["10.0.0.1:80"],
    ]);
    const down = desired(group, factsOf({ 1: "down" }), up.decision, 0);
    for (const { destinations } of down.entries) expect(destinations.map(endpointText)).toEqual(["10.0.0.1:443"]);
  });
});

describe("desired, properties", () => {
  const health = fc.constantFrom<Health>("up", "down", "unknown");
  const servers = fc.uniqueArray(
    fc.record({ last: fc.integer({ min: 1, max: 8 }), weight: fc.integer({ min: 0, max: 4 }), inhibit: fc.boolean() }),
    { maxLength: 6, selector: ({ last }) => last },
  );
  const settings = fc.record({
    servers,
    quorum: fc.integer({ min: 1, max: 6 }),
    hysteresis: fc.integer({ min: 0, max: 2 }),
    sorry: fc.option(fc.record({ last: fc.integer({ min: 1, max: 10 }), inhibit: fc.boolean() })),
  });
  const build = ({ servers, quorum, hysteresis, sorry }: typeof settings extends fc.Arbitrary<infer T> ? T : never) =>
    virtualServer({
      quorum,
      hysteresis,
      sorryServer: sorry === null ? null : sorryServer(sorry.last, { inhibit: sorry.inhibit }),
      realServers: servers.map(({ last, weight, inhibit }) => realServer(last, { weight, inhibitOnFailure: inhibit })),
    });
  const histories = fc.array(fc.record({ last: fc.integer({ min: 1, max: 8 }), health }), { maxLength: 12 });

  test("sorry server and real servers never both carry weight, and no destination is twice", () =>
    fc.assert(
      fc.property(settings, histories, (given, history) => {
        const vs = build(given);
        let decision = null;
        const healths: Record<number, Health> = {};
        for (const step of history) {
          healths[step.last] = step.health;
          const result = desired(vs, factsOf(healths), decision, 0);
          decision = result.decision;
          const destinations = result.entries[0]?.destinations ?? [];
          expect(new Set(destinations.map(endpointText)).size).toBe(destinations.length);
          const sorry = vs.sorryServer === null ? null : endpointText(vs.sorryServer.destination);
          const carrying = destinations.filter(({ weight }) => weight > 0).map(endpointText);
          if (decision.sorryServer?.inService) expect(carrying).toEqual([sorry]);
          else
            expect(carrying.every((text) => vs.realServers.some((r) => endpointText(r.destination) === text))).toBe(
              true,
            );
        }
      }),
    ));

  test("a decision agrees with the table, and a dead server never carries weight of its own", () =>
    fc.assert(
      fc.property(settings, histories, (given, history) => {
        const vs = build(given);
        const facts = factsOf(Object.fromEntries(history.map(({ last, health }) => [last, health])));
        const { decision, entries } = desired(vs, facts, null, 0);
        const table = new Map(entries[0]?.destinations.map((d) => [endpointText(d), d.weight]));
        for (const decided of decision.realServers) {
          if (decided.health === "down") expect(decided.effectiveWeight).toBe(0);
          const isSorry = vs.sorryServer !== null && endpointText(vs.sorryServer.destination) === endpointText(decided);
          if (isSorry) continue;
          expect(table.has(endpointText(decided))).toBe(decided.inTable);
          if (decided.inTable) expect(table.get(endpointText(decided))).toBe(decided.effectiveWeight);
        }
      }),
    ));

  test("without hysteresis the order in which results arrive does not matter", () =>
    fc.assert(
      fc.property(
        settings,
        fc.uniqueArray(fc.integer({ min: 1, max: 8 })),
        fc.infiniteStream(health),
        (given, order, stream) => {
          const vs = build({ ...given, hysteresis: 0 });
          const results = order.map((last) => [last, stream.next().value as Health] as const);
          const run = (sequence: readonly (readonly [number, Health])[]) => {
            let decision = null;
            let entries = desired(vs, noFacts, null, 0).entries;
            const healths: Record<number, Health> = {};
            for (const [last, value] of sequence) {
              healths[last] = value;
              const result = desired(vs, factsOf(healths), decision, 0);
              decision = result.decision;
              entries = result.entries;
            }
            return entries;
          };
          expect(run(results)).toEqual(run([...results].reverse()));
        },
      ),
    ));
});
