import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { FakeKernel, type FakeKernelOptions } from "../fake/index.ts";
import type { Service, ServiceKey, TableOperation } from "../table.ts";
import { IpvsClient } from "./client.ts";
import { IPVS_CMD_GET_DEST, IPVS_CMD_GET_SERVICE, IPVS_CMD_NEW_SERVICE } from "./constants.ts";

const key = (n: number): ServiceKey => ({
  kind: "address",
  protocol: "TCP",
  address: `10.9.${n >> 8}.${n & 255}`,
  port: 80,
});
const service = (n: number): Service => ({
  key: key(n),
  scheduler: "rr",
  schedulerFlags: [],
  persistence: null,
  onePacket: false,
});
const newService = (n: number): TableOperation => ({ kind: "new-service", service: service(n) });
const newDestination = (n: number, address: string): TableOperation => ({
  kind: "new-destination",
  key: key(n),
  destination: { address, port: 80, method: "NAT", weight: 1, upperThreshold: 0, lowerThreshold: 0, tunnel: null },
});
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

async function fake(options: FakeKernelOptions = {}) {
  const kernel = new FakeKernel(options);
  return { kernel, client: await IpvsClient.open({ transport: kernel.open() }) };
}

/** Addresses of the services found. */
const found = (entries: readonly { service: Service }[]) =>
  entries.map((entry) => (entry.service.key.kind === "address" ? entry.service.key.address : ""));

describe("opening", () => {
  test("a kernel without IPVS says what to load", async () => {
    const kernel = new FakeKernel({ ipvs: false });
    await expect(IpvsClient.open({ transport: kernel.open() })).rejects.toMatchObject({
      code: "family-absent",
      message: expect.stringContaining("modprobe ip_vs"),
    });
  });

  test("after close every call fails with its code, and closing again does not", async () => {
    const { client } = await fake();
    await client.close();
    await client.close();
    await expect(client.dump()).rejects.toMatchObject({ code: "closed" });
    await expect(client.apply([newService(1)])).rejects.toMatchObject({ code: "closed", object: "TCP 10.9.0.1:80" });
    await expect(client.apply([])).resolves.toEqual([]);
  });
});

describe("refusals", () => {
  test("without privilege", async () => {
    const { kernel, client } = await fake();
    kernel.privileged = false;
    const denied = { code: "rejected", errno: "EPERM", message: expect.stringContaining("CAP_NET_ADMIN") };
    await expect(client.dump()).rejects.toMatchObject(denied);
    await expect(client.read([key(1)])).rejects.toMatchObject(denied);
    await expect(client.flush()).rejects.toMatchObject(denied);
    expect(await client.apply([newService(1)])).toEqual([
      {
        ok: false,
        errno: "EPERM",
        message: expect.stringMatching(/^new-service TCP 10\.9\.0\.1:80: EPERM: .*CAP_NET/),
      },
    ]);
  });

  test("the kernel's own words are passed on", async () => {
    const { kernel, client } = await fake();
    kernel.refuse = () => ({ errno: constants.errno.ENOMEM, text: "out of estimators" });
    expect(await client.apply([newService(1)])).toEqual([
      {
        ok: false,
        errno: "ENOMEM",
        message:
          'new-service TCP 10.9.0.1:80: ENOMEM: the kernel has no memory for it: the kernel says "out of estimators"',
      },
    ]);
  });

  test("an errno without a story is still named", async () => {
    const { kernel, client } = await fake();
    kernel.refuse = () => ({ errno: constants.errno.EXDEV });
    expect(await client.apply([newService(1)])).toEqual([
      { ok: false, errno: "EXDEV", message: "new-service TCP 10.9.0.1:80: EXDEV" },
    ]);
    await expect(client.zero()).rejects.toMatchObject({ message: "zero: EXDEV", operation: "zero", object: "" });
  });

  test("one refused operation of many keeps its index", async () => {
    const { kernel, client } = await fake();
    let count = 0;
    kernel.refuse = (command) =>
      command === IPVS_CMD_NEW_SERVICE && count++ === 130 ? { errno: constants.errno.ENOMEM } : null;
    const results = await client.apply(range(250).map(newService));
    expect(results.flatMap((result, index) => (result.ok ? [] : [index]))).toEqual([130]);
  });

  test("a handler that was interrupted is not acknowledged, and is an error, not a wait", async () => {
    const { kernel, client } = await fake();
    kernel.refuse = (command) => (command === IPVS_CMD_NEW_SERVICE ? { errno: constants.errno.EINTR } : null);
    expect(await client.apply([newService(1), newDestination(1, "10.0.0.1")])).toMatchObject([
      { ok: false, errno: "EINTR" },
      { ok: false, errno: "ESRCH" },
    ]);
  });
});

test("operations are sent a hundred at a time, with turns for others in between", async () => {
  const { kernel, client } = await fake();
  let sends = 0;
  const transport = kernel.open();
  const counting = await IpvsClient.open({
    transport: {
      portId: transport.portId,
      send: (bytes) => {
        sends++;
        transport.send(bytes);
      },
      receive: (shape, visit) => transport.receive(shape, visit),
      close: () => transport.close(),
    },
  });
  sends = 0;
  const turnsAfter: number[] = [];
  const takeTurns = () => {
    turnsAfter.push(sends);
    if (sends < 3) setImmediate(takeTurns);
  };
  setImmediate(takeTurns);
  await counting.apply(range(250).map(newService));
  expect(sends).toBe(3);
  expect(turnsAfter.slice(0, 2)).toEqual([1, 2]);
  expect((await client.services()).length).toBe(250);
});

describe("a full receive buffer", () => {
  test("lost acknowledgements are reported as unknown; reading tells what happened", async () => {
    const { client } = await fake({ receiveBufferBytes: 8192 });
    const results = await client.apply(range(100).map(newService));
    const unknown = results.filter((result) => !result.ok && result.errno === "ENOBUFS");
    expect(unknown.length).toBeGreaterThan(0);
    expect(unknown.length).toBeLessThan(100);
    expect(unknown[0]).toMatchObject({ message: expect.stringContaining("read the table") });
    expect((await client.dump()).length).toBe(100);
  });

  test("lost answers of a read are asked for again", async () => {
    const { client } = await fake({ receiveBufferBytes: 8192 });
    await client.apply(range(100).map(newService));
    expect(found(await client.read(range(120).map(key)))).toEqual(
      found(range(100).map((n) => ({ service: service(n) }))),
    );
  });
});

describe("listings while others write", () => {
  test("an interrupted one is asked for again", async () => {
    const { kernel, client } = await fake();
    await client.apply(range(3).map(newService));
    kernel.interruptedDumps = 4;
    expect((await client.dump()).length).toBe(3);
    expect(kernel.interruptedDumps).toBe(0);
  });

  test("one that never comes through is an error that says so", async () => {
    const { kernel, client } = await fake();
    await client.apply([newService(1)]);
    kernel.interruptedDumps = Number.POSITIVE_INFINITY;
    await expect(client.dump()).rejects.toMatchObject({ code: "dump-interrupted", operation: "list-services" });
    kernel.interruptedDumps = 0;
    expect((await client.dump()).length).toBe(1);
  });

  test("a service left out because another went away is not missed", async () => {
    const { kernel, client } = await fake({ dumpBytes: 2048 });
    await client.apply(range(30).map(newService));
    const other = await IpvsClient.open({ transport: kernel.open() });
    let writes = 0;
    kernel.beforeNextDatagram = () => {
      // The first service of the listing goes after it was read: the index now points one too far.
      if (writes++ === 0) void other.apply([{ kind: "del-service", key: key(0) }]);
    };
    expect(found(await client.dump())).toEqual(
      found(
        range(30)
          .slice(1)
          .map((n) => ({ service: service(n) })),
      ),
    );
  });

  test("one that names a destination twice is asked for again", async () => {
    const { kernel, client } = await fake({ dumpBytes: 2048 });
    const addresses = range(30).map((n) => `10.0.0.${n + 1}`);
    await client.apply([newService(1), ...addresses.map((address) => newDestination(1, address))]);
    const other = await IpvsClient.open({ transport: kernel.open() });
    let datagrams = 0;
    kernel.beforeNextDatagram = () => {
      datagrams++;
    };
    await client.destinations(key(1));
    const perListing = datagrams / 2;
    expect(Number.isInteger(perListing)).toBe(true);
    // In each of two listings one comes in front of those that were read, and goes again before the end.
    datagrams = 0;
    kernel.beforeNextDatagram = () => {
      const at = datagrams++;
      if (at === 0 || at === perListing) void other.apply([newDestination(1, "10.0.1.1")]);
      if (at === perListing - 1 || at === 2 * perListing - 1) {
        void other.apply([{ kind: "del-destination", key: key(1), destination: { address: "10.0.1.1", port: 80 } }]);
      }
    };
    const listed = (await client.destinations(key(1))).map((one) => one.address);
    expect(listed).toEqual(addresses.toReversed());
  });

  test("one that changes every time is an error", async () => {
    const { kernel, client } = await fake({ dumpBytes: 2048 });
    await client.apply(range(30).map(newService));
    const other = await IpvsClient.open({ transport: kernel.open() });
    let datagrams = 0;
    // Less often than a listing has datagrams, or it would never end; often enough to meet each one.
    kernel.beforeNextDatagram = () => {
      if (datagrams++ % 5 === 0) void other.apply([newService(30 + datagrams)]);
    };
    await expect(client.services()).rejects.toMatchObject({
      code: "dump-interrupted",
      message: expect.stringContaining("changed during each of 10 listings"),
    });
  });

  test("a service that goes before its destinations are read is left out", async () => {
    const { kernel, client } = await fake();
    await client.apply([newService(1), newDestination(1, "10.0.0.1"), newService(2), newService(3)]);
    const other = await IpvsClient.open({ transport: kernel.open() });
    let once = true;
    kernel.beforeNextDatagram = () => {
      if (once) void other.apply([{ kind: "del-service", key: key(1) }]);
      once = false;
    };
    expect(found(await client.dump())).toEqual(["10.9.0.2", "10.9.0.3"]);
  });
});

describe("counters", () => {
  test("are read in 64 bits, and set to zero by zero", async () => {
    const { kernel, client } = await fake();
    await client.apply([newService(1), newDestination(1, "10.0.0.1")]);
    const inBytes = 2 ** 40 + 5;
    kernel.count(key(1), { statistics: { inBytes } });
    kernel.count(
      key(1),
      { statistics: { inBytes, connectionsPerS: 3 }, active: 7, inactive: 2, persistent: 1 },
      { address: "10.0.0.1", port: 80 },
    );
    const [entry] = await client.dump();
    expect(entry?.statistics).toMatchObject({ inBytes, connections: 0 });
    expect(entry?.destinations[0]).toMatchObject({
      activeConnections: 7,
      inactiveConnections: 2,
      persistentConnections: 1,
      statistics: { inBytes, connectionsPerS: 3, outBytes: 0 },
    });
    await client.zero(key(1));
    expect((await client.dump())[0]?.statistics.inBytes).toBe(0);
  });
});

test("stopping a daemon that had not run yet is a success", async () => {
  const { kernel, client } = await fake();
  kernel.refuse = () => ({ errno: constants.errno.EINTR });
  await client.stopDaemon("master");
  kernel.refuse = () => null;
  await client.startDaemon({ role: "master", interface: "lo", syncId: 1 });
  kernel.refuse = () => ({ errno: constants.errno.EINTR });
  await expect(client.stopDaemon("master")).rejects.toMatchObject({ errno: "EINTR" });
});

test("a read costs one question for each service, and a listing of its destinations", async () => {
  const { kernel, client } = await fake();
  await client.apply(range(5).map(newService));
  kernel.requests.clear();
  await client.read([key(1), key(2), key(99)]);
  // Services without destinations are asked for once more: they might have gone.
  expect(kernel.requests.get(IPVS_CMD_GET_SERVICE)).toBe(3 + 2);
  expect(kernel.requests.get(IPVS_CMD_GET_DEST)).toBeUndefined();
});
