import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { freePort } from "../demo/free-port.ts";
import { type DataPlaneProcess, startDataPlane, until } from "./testing/data-plane-process.ts";
import { destinationOf, serviceOf, udpKey } from "./testing/entries.ts";
import { serveUdp, UdpClient, type UdpServer } from "./testing/udp-peers.ts";

let plane: DataPlaneProcess;
let key = udpKey(1);
const servers: UdpServer[] = [];
const clients: UdpClient[] = [];

beforeAll(async () => {
  plane = await startDataPlane();
});
afterAll(() => plane.stop());
afterEach(async () => {
  await plane.client.apply([{ kind: "del-service", key }]);
  for (const peer of [...servers.splice(0), ...clients.splice(0)]) peer.close();
});

async function balance(names: readonly string[], scheduler = "rr", address = "127.0.0.1"): Promise<void> {
  for (const name of names) servers.push(await serveUdp(name, address));
  key = udpKey(await freePort(address), address);
  await plane.apply({ kind: "new-service", service: serviceOf(key, { scheduler }) });
  for (const { port } of servers) {
    await plane.apply({ kind: "new-destination", key, destination: destinationOf(port, { address }) });
  }
}

async function client(): Promise<UdpClient> {
  const connected = await UdpClient.connect(key.port, key.address);
  clients.push(connected);
  return connected;
}

test("each client has its server, and keeps it", async () => {
  await balance(["a", "b"]);
  const [one, two, three] = [await client(), await client(), await client()];
  expect([await one.ask("1"), await two.ask("2"), await three.ask("3")]).toEqual(["a:1", "b:2", "a:3"]);
  expect([await one.ask("4"), await two.ask("5"), await three.ask("6")]).toEqual(["a:4", "b:5", "a:6"]);
  const [a, b] = await plane.destinations();
  expect(a).toMatchObject({
    activeConnections: 0,
    inactiveConnections: 2,
    statistics: { connections: 2, inPackets: 4 },
  });
  expect(b).toMatchObject({
    inactiveConnections: 1,
    statistics: { connections: 1, inPackets: 2, outPackets: 2, inBytes: 2 },
  });
});

test("IPv6", async () => {
  await balance(["six"], "rr", "::1");
  expect(await (await client()).ask("x")).toBe("six:x");
});

test("empty and largest datagrams, and a burst of the first ones, arrive whole", async () => {
  await balance(["a"]);
  expect(await (await client()).ask("")).toBe("a:");
  const large = randomBytes(30_000).toString("hex");
  expect(await (await client()).ask(large)).toBe(`a:${large}`);
  const burst = await client();
  for (let n = 0; n < 40; n++) burst.send(`burst ${n}`);
  await until("all arrived", () => (servers[0]?.received.length ?? 0) >= 42);
  expect(servers[0]?.received.slice(2)).toEqual(Array.from({ length: 40 }, (_, n) => `burst ${n}`));
});

test("a removed destination's clients go to another with the next datagram; a quiesced one keeps its own", async () => {
  await balance(["a", "b"]);
  const first = await client();
  expect(await first.ask("1")).toBe("a:1");
  const destination = destinationOf(servers[0]?.port ?? 0, { weight: 0 });
  await plane.apply({ kind: "set-destination", key, destination });
  expect(await first.ask("2")).toBe("a:2");
  expect(await (await client()).ask("3")).toBe("b:3");
  await plane.apply({ kind: "del-destination", key, destination });
  expect(await first.ask("4")).toBe("b:4");
});

test("a server that is gone costs its datagrams, is counted, and is there again when it is back", async () => {
  await balance(["a"]);
  const port = servers[0]?.port ?? 0;
  const first = await client();
  expect(await first.ask("1")).toBe("a:1");
  servers.pop()?.close();
  const before = await plane.client.failures();
  expect(await first.ask("2", 100)).toBeNull();
  expect(await first.ask("3", 100)).toBeNull();
  await until("it is counted", async () => (await plane.client.failures()).connectFailed > before.connectFailed);
  const back = await serveUdp("back", "127.0.0.1", port);
  expect(await first.ask("4")).toBe("back:4");
  back.close();
});

test("without a destination datagrams are dropped and counted", async () => {
  await balance([]);
  const before = await plane.client.failures();
  expect(await (await client()).ask("x", 100)).toBeNull();
  await until("it is counted", async () => (await plane.client.failures()).noDestination > before.noDestination);
});

test("a deleted service leaves no socket behind", async () => {
  const before = plane.descriptors();
  await balance(["a", "b"]);
  for (let n = 0; n < 20; n++) expect(await (await client()).ask("x")).not.toBeNull();
  expect(plane.descriptors()).toBeGreaterThanOrEqual(before + 21);
  await plane.apply({ kind: "del-service", key });
  await until("descriptors are closed", () => plane.descriptors() <= before);
  expect(await plane.client.apply([{ kind: "new-service", service: serviceOf(key) }])).toEqual([{ ok: true }]);
});
