import assert from "node:assert/strict";
import type { Protocol, Service, TableOperation } from "ipvs-netlink";
import { assertAllOk, type ContractCase, type ContractContext, outcomes } from "./contract-case.ts";
import {
  addressKey,
  destination,
  newDestination,
  newService,
  plain,
  service,
  sorted,
  tcpKey,
} from "./contract-objects.ts";

const PROTOCOLS: readonly Protocol[] = ["TCP", "UDP", "SCTP"];
/** Of Linux 6.1, all as modules. */
const SCHEDULERS = ["rr", "wrr", "lc", "wlc", "fo", "ovf", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq"];

async function applied({ plane }: ContractContext, ...operations: TableOperation[]): Promise<void> {
  assertAllOk(operations, await plane.apply(operations));
}

/** What every data plane must do, whether kernel or not, within its capabilities. */
export const tableCases: readonly ContractCase[] = [
  {
    name: "an empty table lists nothing and reads nothing",
    async run(context) {
      assert.deepEqual(await context.plane.dump(), []);
      assert.deepEqual(await context.plane.read([]), []);
      assert.deepEqual(await context.plane.read([tcpKey(context)]), []);
      assert.deepEqual(await context.plane.apply([]), []);
    },
  },
  {
    name: "a service and its destinations read back as written, with counters at zero",
    async run(context) {
      const key = tcpKey(context);
      await applied(
        context,
        newService(key),
        newDestination(key, "127.0.0.1", { weight: 3 }),
        newDestination(key, "127.0.0.2", { weight: 0 }),
      );
      const entries = await context.plane.dump();
      assert.deepEqual(plain(entries), [
        {
          service: service(key),
          destinations: [destination("127.0.0.1", { weight: 3 }), destination("127.0.0.2", { weight: 0 })],
        },
      ]);
      const [entry] = entries;
      assert.ok(entry);
      assert.ok(Object.values(entry.statistics).every((value) => value === 0));
      for (const each of entry.destinations) {
        assert.ok(Object.values(each.statistics).every((value) => value === 0));
        assert.equal(each.activeConnections + each.inactiveConnections + each.persistentConnections, 0);
      }
    },
  },
  {
    name: "every scheduler it declares",
    async run(context) {
      const services = (context.capabilities.schedulers ?? SCHEDULERS).map((scheduler, n) =>
        service(tcpKey(context, n), { scheduler }),
      );
      await applied(context, ...services.map((one): TableOperation => ({ kind: "new-service", service: one })));
      assert.deepEqual(
        plain(await context.plane.dump()),
        sorted(services.map((one) => ({ service: one, destinations: [] }))),
      );
    },
  },
  {
    name: "every protocol it declares, apart at the same address and port",
    async run(context) {
      const { inet, port } = context.place;
      const protocols = PROTOCOLS.filter((one) => context.capabilities.protocols?.includes(one) ?? true);
      await applied(
        context,
        ...protocols.flatMap((protocol, n) => {
          const key = addressKey(protocol, inet, port);
          return [newService(key), newDestination(key, "127.0.0.1", { weight: n })];
        }),
      );
      for (const [n, protocol] of protocols.entries()) {
        const [entry] = await context.plane.read([addressKey(protocol, inet, port)]);
        assert.equal(entry?.destinations[0]?.weight, n);
      }
    },
  },
  {
    name: "IPv6 services and destinations",
    async run(context) {
      const key = addressKey("TCP", context.place.inet6, context.place.port);
      await applied(context, newService(key), newDestination(key, "::1"));
      assert.deepEqual(plain(await context.plane.dump()), [
        { service: service(key), destinations: [destination("::1")] },
      ]);
    },
  },
  {
    name: "set-service changes the service and keeps its destinations",
    async run(context) {
      const key = tcpKey(context);
      await applied(context, newService(key), newDestination(key, "127.0.0.1"));
      const changed = service(key, { scheduler: "wlc" });
      await applied(context, { kind: "set-service", service: changed });
      assert.deepEqual(plain(await context.plane.dump()), [
        { service: changed, destinations: [destination("127.0.0.1")] },
      ]);
    },
  },
  {
    name: "set-destination changes the weight, to zero and back",
    async run(context) {
      const key = tcpKey(context);
      await applied(context, newService(key), newDestination(key, "127.0.0.1"));
      for (const weight of [0, 65_535, 1]) {
        const changed = destination("127.0.0.1", { weight });
        await applied(context, { kind: "set-destination", key, destination: changed });
        assert.deepEqual(plain(await context.plane.dump()), [{ service: service(key), destinations: [changed] }]);
      }
    },
  },
  {
    name: "thresholds read back and can be taken off",
    needs: ({ thresholds }) => thresholds,
    async run(context) {
      const key = tcpKey(context);
      const limited = destination("127.0.0.1", { upperThreshold: 100, lowerThreshold: 50 });
      await applied(context, newService(key), { kind: "new-destination", key, destination: limited });
      assert.deepEqual(plain(await context.plane.dump())[0]?.destinations, [limited]);
      await applied(context, { kind: "set-destination", key, destination: destination("127.0.0.1") });
      assert.deepEqual(plain(await context.plane.dump())[0]?.destinations, [destination("127.0.0.1")]);
    },
  },
  {
    name: "del-destination removes one, del-service all that is left",
    async run(context) {
      const key = tcpKey(context);
      const other = tcpKey(context, 1);
      await applied(
        context,
        newService(key),
        newDestination(key, "127.0.0.1"),
        newDestination(key, "127.0.0.2"),
        newService(other),
        newDestination(other, "127.0.0.1"),
      );
      await applied(context, { kind: "del-destination", key, destination: { address: "127.0.0.1", port: 8080 } });
      assert.deepEqual(plain(await context.plane.read([key])), [
        { service: service(key), destinations: [destination("127.0.0.2")] },
      ]);
      await applied(context, { kind: "del-service", key });
      assert.deepEqual(plain(await context.plane.dump()), [
        { service: service(other), destinations: [destination("127.0.0.1")] },
      ]);
      // The same key again starts empty.
      await applied(context, newService(key));
      assert.deepEqual(plain(await context.plane.read([key])), [{ service: service(key), destinations: [] }]);
    },
  },
  {
    name: "EEXIST for what is there already, which stays as it is",
    async run(context) {
      const key = tcpKey(context);
      const results = await context.plane.apply([
        newService(key),
        newService(key, { scheduler: "wlc" }),
        newDestination(key, "127.0.0.1"),
        newDestination(key, "127.0.0.1", { weight: 9 }),
      ]);
      assert.deepEqual(outcomes(results), ["ok", "EEXIST", "ok", "EEXIST"]);
      assert.deepEqual(plain(await context.plane.dump()), [
        { service: service(key), destinations: [destination("127.0.0.1")] },
      ]);
    },
  },
  {
    name: "ESRCH for every operation on a service that is not there",
    async run(context) {
      const key = tcpKey(context);
      const results = await context.plane.apply([
        { kind: "set-service", service: service(key) },
        { kind: "del-service", key },
        newDestination(key, "127.0.0.1"),
        { kind: "set-destination", key, destination: destination("127.0.0.1") },
        { kind: "del-destination", key, destination: { address: "127.0.0.1", port: 8080 } },
      ]);
      assert.deepEqual(outcomes(results), ["ESRCH", "ESRCH", "ESRCH", "ESRCH", "ESRCH"]);
    },
  },
  {
    name: "ENOENT for a destination that is not there",
    async run(context) {
      const key = tcpKey(context);
      await applied(context, newService(key), newDestination(key, "127.0.0.1"));
      const results = await context.plane.apply([
        { kind: "set-destination", key, destination: destination("127.0.0.2") },
        { kind: "del-destination", key, destination: { address: "127.0.0.1", port: 8081 } },
      ]);
      assert.deepEqual(outcomes(results), ["ENOENT", "ENOENT"]);
    },
  },
  {
    name: "ENOENT for an unknown scheduler, named in the message",
    async run(context) {
      const key = tcpKey(context);
      const [refused] = await context.plane.apply([newService(key, { scheduler: "nonesuch" })]);
      assert.ok(refused && !refused.ok);
      assert.equal(refused.errno, "ENOENT");
      assert.match(refused.message, /^new-service TCP .*: ENOENT: .*"nonesuch"/);
      assert.deepEqual(await context.plane.dump(), []);
    },
  },
  {
    name: "ERANGE for a lower threshold above the upper",
    needs: ({ thresholds }) => thresholds,
    async run(context) {
      const key = tcpKey(context);
      const wrong = { upperThreshold: 5, lowerThreshold: 6 };
      const results = await context.plane.apply([
        newService(key),
        newDestination(key, "127.0.0.1", wrong),
        newDestination(key, "127.0.0.1"),
        { kind: "set-destination", key, destination: destination("127.0.0.1", wrong) },
      ]);
      assert.deepEqual(outcomes(results), ["ok", "ERANGE", "ok", "ERANGE"]);
    },
  },
  {
    name: "EINVAL for a destination that is not unicast",
    async run(context) {
      const key = tcpKey(context);
      const key6 = addressKey("TCP", context.place.inet6, context.place.port + 1);
      const results = await context.plane.apply([
        newService(key),
        newDestination(key, "224.0.0.1"),
        newDestination(key, "0.0.0.0"),
        newService(key6),
        newDestination(key6, "ff02::1"),
        newDestination(key6, "::"),
      ]);
      assert.deepEqual(outcomes(results), ["ok", "EINVAL", "EINVAL", "ok", "EINVAL", "EINVAL"]);
    },
  },
  {
    name: "a batch is applied in order, and what is refused does not stop the rest",
    async run(context) {
      const operations: TableOperation[] = [];
      const expected: string[] = [];
      for (let n = 0; n < 60; n++) {
        const key = tcpKey(context, n);
        operations.push(
          newService(key),
          newDestination(key, "127.0.0.1"),
          newService(key),
          { kind: "set-destination", key, destination: destination("127.0.0.1", { weight: 7 }) },
          newDestination(key, "127.0.0.2"),
          { kind: "del-destination", key, destination: { address: "127.0.0.2", port: 8080 } },
          { kind: "del-destination", key, destination: { address: "127.0.0.2", port: 8080 } },
        );
        expected.push("ok", "ok", "EEXIST", "ok", "ok", "ok", "ENOENT");
      }
      assert.deepEqual(outcomes(await context.plane.apply(operations)), expected);
      const entries = await context.plane.dump();
      assert.equal(entries.length, 60);
      for (const { destinations } of plain(entries)) {
        assert.deepEqual(destinations, [destination("127.0.0.1", { weight: 7 })]);
      }
    },
  },
  {
    name: "read gives the asked services in the order of the keys and leaves absent ones out",
    async run(context) {
      const keys = [0, 1, 2, 3].map((n) => tcpKey(context, n));
      const [k0, , k2, k3] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];
      await applied(context, newService(k0), newService(k2), newService(k3), newDestination(k2, "127.0.0.1"));
      const entries = await context.plane.read([k3, tcpKey(context, 1), k2]);
      assert.deepEqual(
        entries.map((entry) => entry.service.key),
        [k3, k2],
      );
      assert.equal(entries[1]?.destinations.length, 1);
    },
  },
  {
    name: "calls at the same time do not mix their answers",
    async run(context) {
      const batch = (from: number): TableOperation[] =>
        Array.from({ length: 40 }, (_, n) => newService(tcpKey(context, from + n)));
      const duplicate = newService(tcpKey(context, 0));
      const [first, dump, second, third] = await Promise.all([
        context.plane.apply(batch(0)),
        context.plane.dump(),
        context.plane.apply([...batch(40), duplicate]),
        context.plane.apply([duplicate, duplicate]),
      ]);
      assertAllOk(batch(0), first);
      assert.ok(dump.length <= 80);
      assert.deepEqual(outcomes(second), [...new Array<string>(40).fill("ok"), "EEXIST"]);
      assert.deepEqual(outcomes(third), ["EEXIST", "EEXIST"]);
      assert.equal((await context.plane.dump()).length, 80);
    },
  },
  {
    name: "what it does not declare is refused by name, and the table stays as it is",
    needs: ({ methods, fwmark, persistence }) => methods !== null || !fwmark || !persistence,
    async run(context) {
      const { methods, fwmark, persistence, onePacket, protocols } = context.capabilities;
      const { inet, port } = context.place;
      const key = tcpKey(context);
      const unusual = (settings: Partial<Service>) => newService(addressKey("UDP", inet, port + 1), settings);
      const asked: [boolean, TableOperation, RegExp][] = [
        [!fwmark, newService({ kind: "fwmark", family: "inet", fwmark: 4 }), /fwmark/],
        [!persistence, unusual({ persistence: { timeoutS: 300, prefixLength: 32, engine: null } }), /persisten/],
        [!onePacket, unusual({ onePacket: true }), /one-packet|ops/],
        [!(protocols?.includes("SCTP") ?? true), newService(addressKey("SCTP", inet, port + 1)), /SCTP/],
        ...(["DR", "TUN", "LOCAL", "BYPASS"] as const).map((method): [boolean, TableOperation, RegExp] => [
          !(methods?.includes(method) ?? true),
          newDestination(key, "127.0.0.1", { method }),
          new RegExp(method),
        ]),
      ];
      await applied(context, newService(key));
      for (const [, operation, named] of asked.filter(([refused]) => refused)) {
        const [result] = await context.plane.apply([operation]);
        assert.ok(result && !result.ok, `${operation.kind} should be refused`);
        assert.match(result.message, named);
      }
      assert.deepEqual(plain(await context.plane.dump()), [{ service: service(key), destinations: [] }]);
    },
  },
  {
    name: "after close every call fails",
    async run(context) {
      await context.plane.close();
      await assert.rejects(async () => context.plane.dump());
      await assert.rejects(async () => context.plane.apply([newService(tcpKey(context))]));
      await context.plane.close();
    },
  },
];
