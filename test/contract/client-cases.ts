import assert from "node:assert/strict";
import { type IpvsClient, IpvsError, type Service, type TableOperation } from "ipvs-netlink";
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

function clientOf({ client }: ContractContext): IpvsClient {
  assert.ok(client, "this case needs the whole client");
  return client;
}

async function applied({ plane }: ContractContext, operations: readonly TableOperation[]): Promise<void> {
  assertAllOk(operations, await plane.apply(operations));
}

/** Creates the services, reads them back and compares. */
async function servicesReadBack(context: ContractContext, services: readonly Service[]): Promise<void> {
  await applied(
    context,
    services.map((one) => ({ kind: "new-service", service: one })),
  );
  const expected = sorted(services.map((one) => ({ service: one, destinations: [] })));
  assert.deepEqual(plain(await context.plane.dump()), expected);
}

async function rejectsWith(call: Promise<unknown>, errno: string, message: RegExp): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof IpvsError, String(error));
    assert.equal(error.errno, errno);
    assert.match(error.message, message);
    return true;
  });
}

/** What IPVS does beyond a data plane: every attribute, and the calls outside the table. */
export const clientCases: readonly ContractCase[] = [
  {
    name: "fwmark services of both families, apart at the same mark",
    async run(context) {
      await servicesReadBack(context, [
        service({ kind: "fwmark", family: "inet", fwmark: 4 }),
        service({ kind: "fwmark", family: "inet6", fwmark: 4 }),
        service({ kind: "fwmark", family: "inet", fwmark: 0xffff_ffff }),
      ]);
    },
  },
  {
    name: "scheduler flags, one-packet, persistence of every width, port 0",
    async run(context) {
      const { inet, inet6, port } = context.place;
      const persistent = (timeoutS: number, prefixLength: number) => ({
        persistence: { timeoutS, prefixLength, engine: null },
      });
      await servicesReadBack(context, [
        service(tcpKey(context, 0), { scheduler: "sh", schedulerFlags: ["flag-1", "flag-2"] }),
        service(tcpKey(context, 1), { scheduler: "mh", schedulerFlags: ["flag-2"] }),
        service(tcpKey(context, 2), { schedulerFlags: ["flag-1", "flag-2", "flag-3"] }),
        service(addressKey("UDP", inet, port), { onePacket: true }),
        service(tcpKey(context, 3), persistent(300, 32)),
        service(tcpKey(context, 4), persistent(1, 24)),
        service(tcpKey(context, 5), persistent(86_400, 0)),
        service(tcpKey(context, 6), persistent(60, 17)),
        service(addressKey("TCP", inet6, port), persistent(60, 128)),
        service(addressKey("TCP", inet6, port + 1), persistent(60, 1)),
        service(addressKey("TCP", inet, 0), persistent(360, 32)),
        service(addressKey("UDP", inet6, port), { ...persistent(60, 64), onePacket: true }),
      ]);
    },
  },
  {
    name: "a persistence engine, set and taken off again",
    async run(context) {
      const key = addressKey("UDP", context.place.inet, 5060);
      const withEngine = service(key, { persistence: { timeoutS: 60, prefixLength: 32, engine: "sip" } });
      await servicesReadBack(context, [withEngine]);
      for (const changed of [
        service(key, { persistence: { timeoutS: 60, prefixLength: 32, engine: null } }),
        service(key),
      ]) {
        await applied(context, [{ kind: "set-service", service: changed }]);
        assert.deepEqual(plain(await context.plane.dump()), [{ service: changed, destinations: [] }]);
      }
      const [refused] = await context.plane.apply([
        newService(tcpKey(context), { persistence: { timeoutS: 60, prefixLength: 32, engine: "nonesuch" } }),
      ]);
      assert.ok(refused && !refused.ok && refused.errno === "ENOENT");
      assert.match(refused.message, /engine "nonesuch" \(modprobe ip_vs_pe_nonesuch\)/);
    },
  },
  {
    name: "set-service clears every flag it does not name",
    async run(context) {
      const key = addressKey("UDP", context.place.inet, context.place.port);
      const persistence = { timeoutS: 60, prefixLength: 24, engine: null };
      await applied(context, [
        newService(key, { scheduler: "sh", schedulerFlags: ["flag-1"], persistence, onePacket: true }),
        { kind: "set-service", service: service(key, { scheduler: "sh" }) },
      ]);
      assert.deepEqual(plain(await context.plane.dump())[0]?.service, service(key, { scheduler: "sh" }));
    },
  },
  {
    name: "every forwarding method and tunnel, and changes between them",
    async run(context) {
      const key = tcpKey(context);
      const tunnel = (type: "ipip" | "gue" | "gre", checksum: "none" | "csum" | "remcsum", port = 0) => ({
        method: "TUN" as const,
        tunnel: { type, port, checksum },
      });
      const kinds = [
        { method: "NAT" as const },
        { method: "DR" as const },
        { method: "LOCAL" as const },
        { method: "BYPASS" as const },
        tunnel("ipip", "none"),
        tunnel("gue", "none", 6080),
        tunnel("gue", "csum", 6080),
        tunnel("gue", "remcsum", 65_535),
        tunnel("gre", "none"),
        tunnel("gre", "csum"),
      ];
      const destinations = kinds.map((kind, n) => destination(`10.0.0.${n + 1}`, kind));
      await applied(context, [
        newService(key),
        ...destinations.map((one): TableOperation => ({ kind: "new-destination", key, destination: one })),
      ]);
      const expected = (those: typeof destinations) => sorted([{ service: service(key), destinations: those }]);
      assert.deepEqual(plain(await context.plane.dump()), expected(destinations));
      const turned = kinds.map((kind, n) => destination(`10.0.0.${kinds.length - n}`, kind));
      await applied(
        context,
        turned.map((one): TableOperation => ({ kind: "set-destination", key, destination: one })),
      );
      assert.deepEqual(plain(await context.plane.dump()), expected(turned));
    },
  },
  {
    name: "TUN without a tunnel is ipip",
    async run(context) {
      const key = tcpKey(context);
      await applied(context, [newService(key), newDestination(key, "10.0.0.1", { method: "TUN" })]);
      const [entry] = await context.plane.dump();
      assert.deepEqual(entry?.destinations[0]?.tunnel, { type: "ipip", port: 0, checksum: "none" });
    },
  },
  {
    name: "a destination of the other family: TUN only, and no sync daemon besides",
    async run(context) {
      const client = clientOf(context);
      const key = tcpKey(context);
      const results = await context.plane.apply([
        newService(key),
        newDestination(key, "2001:db8::1"),
        newDestination(key, "2001:db8::1", { method: "DR" }),
        newDestination(key, "2001:db8::1", { method: "TUN" }),
      ]);
      assert.deepEqual(outcomes(results), ["ok", "EINVAL", "EINVAL", "ok"]);
      const daemon = { role: "master", interface: "lo", syncId: 1 } as const;
      await rejectsWith(client.startDaemon(daemon), "EINVAL", /family differs/);
      const gone = { address: "2001:db8::1", port: 8080 };
      await applied(context, [{ kind: "del-destination", key, destination: gone }]);
      await client.startDaemon(daemon);
      const [refused] = await context.plane.apply([newDestination(key, "2001:db8::1", { method: "TUN" })]);
      await client.stopDaemon("master");
      assert.deepEqual(outcomes(refused ? [refused] : []), ["EINVAL"]);
    },
  },
  {
    name: "a gue tunnel without a port is refused with its reason",
    async run(context) {
      const key = tcpKey(context);
      const tunnel = { type: "gue", port: 0, checksum: "none" } as const;
      const [, refused] = await context.plane.apply([
        newService(key),
        newDestination(key, "10.0.0.1", { method: "TUN", tunnel }),
      ]);
      assert.ok(refused && !refused.ok && refused.errno === "EINVAL");
      assert.match(refused.message, /gue tunnel needs a port/);
    },
  },
  {
    name: "weights, ports and thresholds up to their limits",
    async run(context) {
      const key = addressKey("TCP", context.place.inet, 65_535);
      const extreme = destination("10.0.0.1", {
        port: 65_535,
        weight: 0x7fff_ffff,
        upperThreshold: 0xffff_ffff,
        lowerThreshold: 0xffff_ffff,
      });
      const least = destination("10.0.0.2", { port: 0, weight: 0 });
      await applied(context, [
        newService(key),
        ...[extreme, least].map((one): TableOperation => ({ kind: "new-destination", key, destination: one })),
      ]);
      assert.deepEqual(plain(await context.plane.dump())[0]?.destinations, [extreme, least]);
    },
  },
  {
    name: "addresses read back in their canonical text, however they were written",
    async run(context) {
      await applied(context, [
        newService(addressKey("TCP", "2001:DB8:0:0:1:0:0:1", 80)),
        newDestination(addressKey("TCP", "2001:db8::1:0:0:1", 80), "2001:0db8:0000::0005"),
        newService(addressKey("TCP", "::ffff:192.0.2.1", 80)),
      ]);
      const entries = plain(await context.plane.dump());
      assert.deepEqual(
        entries.map((entry) => [entry.service.key, entry.destinations.map((one) => one.address)]),
        [
          [addressKey("TCP", "2001:db8::1:0:0:1", 80), ["2001:db8::5"]],
          [addressKey("TCP", "::ffff:192.0.2.1", 80), []],
        ],
      );
    },
  },
  {
    name: "what no message can say is refused alone, with EINVAL and its reason",
    async run(context) {
      const key = tcpKey(context);
      const asked: [TableOperation, RegExp][] = [
        [newService(addressKey("TCP", "192.0.2.300", 80)), /"192\.0\.2\.300" is no IPv4 or IPv6 address/],
        [newService(addressKey("TCP", "192.0.2.1", 65_536)), /port 65536/],
        [newService({ kind: "fwmark", family: "inet", fwmark: 0 }), /fwmark 0/],
        [newService(key, { scheduler: "a-scheduler-too-long" }), /scheduler "a-scheduler-too-long"/],
        [newService(key, { persistence: { timeoutS: 0, prefixLength: 32, engine: null } }), /timeout 0/],
        [newService(key, { persistence: { timeoutS: 1, prefixLength: 33, engine: null } }), /prefix length 33/],
        [newService(key, { persistence: { timeoutS: 1, prefixLength: -1, engine: null } }), /prefix length -1/],
        [newDestination(key, "10.0.0.1", { weight: -1 }), /weight -1/],
        [newDestination(key, "10.0.0.1", { weight: 1.5 }), /weight 1\.5/],
        [newDestination(key, "web.example", {}), /"web\.example" is no/],
      ];
      const results = await context.plane.apply([...asked.map(([operation]) => operation), newService(key)]);
      for (const [index, [operation, reason]] of asked.entries()) {
        const result = results[index];
        assert.ok(result && !result.ok, `${operation.kind} ${index} should be refused`);
        assert.equal(result.errno, "EINVAL");
        assert.match(result.message, reason);
      }
      assert.deepEqual(results.at(-1), { ok: true });
      assert.deepEqual(plain(await context.plane.dump()), [{ service: service(key), destinations: [] }]);
    },
  },
  {
    name: "many operations of every outcome, across sends, each at its index",
    async run(context) {
      const key = (n: number) => addressKey("TCP", `10.9.${n >> 8}.${n & 255}`, 80);
      const operations: TableOperation[] = [];
      for (let n = 0; n < 300; n++) {
        operations.push(newService(key(n)));
        operations.push(newDestination(key(n), n % 7 === 0 ? "224.0.0.1" : `10.1.0.${n % 250}`));
        if (n % 5 === 0) operations.push(newService(key(n)));
        if (n % 11 === 0) operations.push(newDestination(key(n), "10.1.0.256"));
      }
      const results = await context.plane.apply(operations);
      for (const [index, operation] of operations.entries()) {
        const duplicate = operation.kind === "new-service" && isRepeated(operations, index);
        const wrong = operation.kind === "new-destination" && /^224|256$/.test(operation.destination.address);
        assert.equal(
          outcomes([results[index] as (typeof results)[0]])[0],
          duplicate ? "EEXIST" : wrong ? "EINVAL" : "ok",
        );
      }
      // Far more than one datagram of a listing holds.
      const entries = await context.plane.dump();
      assert.equal(entries.length, 300);
      assert.equal(entries.filter((entry) => entry.destinations.length === 0).length, Math.ceil(300 / 7));
    },
  },
  {
    name: "a service with more destinations than a datagram holds",
    async run(context) {
      const key = tcpKey(context);
      const addresses = Array.from({ length: 700 }, (_, n) => `10.2.${n >> 8}.${n & 255}`);
      await applied(context, [newService(key), ...addresses.map((address) => newDestination(key, address))]);
      const found = await clientOf(context).destinations(key);
      assert.deepEqual(
        found.map((one) => one.address),
        addresses.toReversed(),
      );
    },
  },
  {
    name: "info, services and destinations",
    async run(context) {
      const client = clientOf(context);
      const info = await client.info();
      assert.match(info.version, /^1\.\d+\.\d+$/);
      assert.ok(info.connectionTableSize >= 256);
      const key = tcpKey(context);
      await applied(context, [newService(key), newDestination(key, "10.0.0.1")]);
      assert.deepEqual(
        (await client.services()).map((one) => one.service),
        [service(key)],
      );
      assert.equal((await client.destinations(key)).length, 1);
      await rejectsWith(
        client.destinations(tcpKey(context, 9)),
        "ESRCH",
        /^list-destinations TCP .*: ESRCH: there is no/,
      );
    },
  },
  {
    name: "zero: all, one service, and one that is not there",
    async run(context) {
      const client = clientOf(context);
      await applied(context, [newService(tcpKey(context))]);
      await client.zero();
      await client.zero(tcpKey(context));
      await rejectsWith(client.zero(tcpKey(context, 1)), "ESRCH", /^zero TCP .*: ESRCH/);
    },
  },
  {
    name: "flush removes every service",
    async run(context) {
      const client = clientOf(context);
      await applied(context, [
        newService(tcpKey(context)),
        newDestination(tcpKey(context), "10.0.0.1"),
        newService({ kind: "fwmark", family: "inet6", fwmark: 1 }),
      ]);
      await client.flush();
      assert.deepEqual(await client.dump(), []);
      await client.flush();
    },
  },
  {
    name: "timeouts: each alone, all together, and what is out of range",
    async run(context) {
      const client = clientOf(context);
      const before = await client.timeouts();
      await client.setTimeouts({ tcpS: 1000 });
      assert.deepEqual(await client.timeouts(), { ...before, tcpS: 1000 });
      await client.setTimeouts({ tcpFinS: 100, udpS: 200 });
      assert.deepEqual(await client.timeouts(), { tcpS: 1000, tcpFinS: 100, udpS: 200 });
      await client.setTimeouts({});
      await rejectsWith(client.setTimeouts({ udpS: 0x7fff_ffff }), "EINVAL", /^set-timeouts: EINVAL/);
      await assert.rejects(client.setTimeouts({ udpS: 0 }), { code: "invalid" });
      await client.setTimeouts(before);
      assert.deepEqual(await client.timeouts(), before);
    },
  },
  {
    name: "sync daemons: both roles, every setting, and each refusal",
    async run(context) {
      const client = clientOf(context);
      assert.deepEqual(await client.daemons(), []);
      await client.startDaemon({ role: "master", interface: "lo", syncId: 7 });
      const backup = {
        role: "backup",
        interface: "lo",
        syncId: 255,
        maxLength: 1400,
        multicastGroup: "239.1.2.3",
        multicastPort: 9000,
        multicastTtl: 4,
      } as const;
      await client.startDaemon(backup);
      const daemons = await client.daemons();
      assert.equal(daemons.length, 2);
      const [master] = daemons.filter((one) => one.role === "master");
      assert.deepEqual(master && { ...master, maxLength: 0 }, {
        role: "master",
        interface: "lo",
        syncId: 7,
        maxLength: 0,
        multicastGroup: "224.0.0.81",
        multicastPort: 8848,
        multicastTtl: 1,
      });
      assert.deepEqual(
        daemons.find((one) => one.role === "backup"),
        backup,
      );
      await rejectsWith(client.startDaemon(backup), "EEXIST", /^start-daemon backup lo: EEXIST: .*runs already/);
      await client.stopDaemon("master");
      await client.stopDaemon("backup");
      assert.deepEqual(await client.daemons(), []);
      await rejectsWith(client.stopDaemon("backup"), "ESRCH", /no sync daemon/);
      await rejectsWith(client.startDaemon({ ...backup, interface: "nonesuch0" }), "ENODEV", /no such interface/);
      await rejectsWith(client.startDaemon({ ...backup, multicastGroup: "192.0.2.1" }), "EINVAL", /not multicast/);
      await assert.rejects(client.startDaemon({ ...backup, syncId: 256 }), { code: "invalid" });
      await client.startDaemon({ ...backup, multicastGroup: "ff02::51" });
      const [over6] = await client.daemons();
      await client.stopDaemon("backup");
      assert.equal(over6?.multicastGroup, "ff02::51");
    },
  },
];

function isRepeated(operations: readonly TableOperation[], index: number): boolean {
  const text = JSON.stringify(operations[index]);
  return operations.slice(Math.max(0, index - 3), index).some((operation) => JSON.stringify(operation) === text);
}
