import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../demo/free-port.ts";
import { type DataPlaneProcess, startDataPlane, until } from "./testing/data-plane-process.ts";
import { destinationOf, serviceOf, tcpKey } from "./testing/entries.ts";
import { ask, dial, readAll, serveName, serveTcp, type TcpServer } from "./testing/tcp-peers.ts";

let plane: DataPlaneProcess;
const servers: TcpServer[] = [];
let key = tcpKey(1);

beforeAll(async () => {
  plane = await startDataPlane();
});
afterAll(() => plane.stop());
afterEach(async () => {
  await plane.client.apply([{ kind: "del-service", key }]);
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A service in front of these servers. */
async function balance(
  behind: readonly (TcpServer | Promise<TcpServer>)[],
  scheduler = "rr",
  weights: number[] = [],
): Promise<number> {
  const ready = await Promise.all(behind);
  servers.push(...ready);
  key = tcpKey(await freePort());
  await plane.apply(
    { kind: "new-service", service: serviceOf(key, { scheduler }) },
    ...ready.map(({ port }, at) => {
      const destination = destinationOf(port, { weight: weights[at] ?? 1 });
      return { kind: "new-destination", key, destination } as const;
    }),
  );
  return key.port;
}

const digest = (data: Buffer): string => createHash("sha256").update(data).digest("hex");

describe("bytes", () => {
  test("arrive intact in both directions at once, also when the client reads slowly", async () => {
    const upload = randomBytes(24 << 20);
    const download = randomBytes(24 << 20);
    let uploaded: Promise<Buffer> | undefined;
    const port = await balance([
      serveTcp((socket) => {
        uploaded = readAll(socket);
        socket.end(download);
      }),
    ]);
    const client = await dial(port);
    client.end(upload);
    await sleep(300);
    const got = await readAll(client);
    expect(digest(got)).toBe(digest(download));
    expect(digest((await uploaded) ?? Buffer.alloc(0))).toBe(digest(upload));
    const [entry] = await plane.destinations();
    expect(entry?.statistics).toMatchObject({ connections: 1, inBytes: upload.length, outBytes: download.length });
  });

  test("a server that reads nothing stops the client instead of filling memory", async () => {
    const port = await balance([serveTcp((socket) => socket.pause())]);
    const client = await dial(port);
    const chunk = Buffer.alloc(1 << 20);
    for (let sent = 0; sent < 64; sent++) client.write(chunk);
    await sleep(500);
    const [entry] = await plane.destinations();
    expect(entry?.statistics.inBytes ?? Number.POSITIVE_INFINITY).toBeLessThan(32 << 20);
    client.destroy();
  });
});

describe("half-close", () => {
  test("a server may answer after the client has said everything", async () => {
    const port = await balance([
      serveTcp((socket) => void readAll(socket).then((data) => socket.end(`got ${data.length}`))),
    ]);
    const client = await dial(port);
    client.end("12345");
    await sleep(100);
    expect((await readAll(client)).toString()).toBe("got 5");
  });

  test("a client may go on after the server has said everything, and is counted as inactive", async () => {
    let received = "";
    const port = await balance([
      serveTcp((socket) => {
        socket.end("bye");
        void readAll(socket).then((data) => {
          received = data.toString();
        });
      }),
    ]);
    const client = await dial(port);
    expect((await readAll(client)).toString()).toBe("bye");
    expect((await plane.destinations())[0]).toMatchObject({ activeConnections: 0, inactiveConnections: 1 });
    client.write("still ");
    await sleep(60);
    client.end("here");
    await until("all received", () => received === "still here");
    await finished(client);
  });
});

describe("an abort of one end is an abort of the other", () => {
  test("of the client", async () => {
    const cut: string[] = [];
    const port = await balance([
      serveTcp((socket) => {
        socket.resume().on("error", (error: NodeJS.ErrnoException) => cut.push(error.code ?? ""));
      }),
    ]);
    const client = await dial(port);
    client.write("x");
    await until("the server is connected", () => servers[0]?.sockets.size === 1);
    client.resetAndDestroy();
    await until("the server sees it", () => cut.length === 1);
    expect(cut).toEqual(["ECONNRESET"]);
    expect((await plane.destinations())[0]).toMatchObject({ activeConnections: 0, inactiveConnections: 1 });
  });

  test("of the server", async () => {
    const port = await balance([serveTcp((socket) => socket.once("data", () => socket.resetAndDestroy()))]);
    const client = await dial(port);
    client.write("x");
    await expect(readAll(client)).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("a client that is gone before the server answers leaves nothing behind", async () => {
    const port = await balance([serveTcp((socket) => setTimeout(() => socket.end("late"), 200))]);
    const before = plane.descriptors();
    for (let n = 0; n < 50; n++) (await dial(port)).resetAndDestroy();
    await until("descriptors are closed", () => plane.descriptors() <= before);
  });

  test("what a server said before it failed is still delivered", async () => {
    const answer = randomBytes(112 << 10);
    const port = await balance([serveTcp((socket) => void socket.end(answer, () => socket.destroy()))]);
    const client = await dial(port);
    const endSeen = async (): Promise<boolean> => (await plane.destinations())[0]?.inactiveConnections === 1;
    await until(
      "the server is gone, and its end was seen",
      async () => servers[0]?.sockets.size === 0 && (await endSeen()),
    );
    // The client has read nothing yet; what it sends now is answered with a reset, as nobody is there to take it.
    for (let n = 0; n < 5; n++) {
      client.write("more");
      await sleep(60);
    }
    expect(digest(await readAll(client))).toBe(digest(answer));
    client.destroy();
  });
});

describe("nobody there", () => {
  test("a server that refuses: the client is cut, and it is counted", async () => {
    const gone = await serveName("gone");
    await gone.close();
    const port = await balance([gone]);
    const before = await plane.client.failures();
    expect(await ask(port)).toBe("");
    expect((await plane.client.failures()).connectFailed).toBe(before.connectFailed + 1);
    expect((await plane.destinations())[0]).toMatchObject({ activeConnections: 0, inactiveConnections: 1 });
  });

  test("no destination at all", async () => {
    const port = await balance([]);
    const before = await plane.client.failures();
    expect(await ask(port)).toBe("");
    expect((await plane.client.failures()).noDestination).toBe(before.noDestination + 1);
  });
});

describe("established connections go on", () => {
  const echo = (): Promise<TcpServer> => serveTcp((socket) => void socket.pipe(socket));

  async function echoes(client: Awaited<ReturnType<typeof dial>>, text: string): Promise<boolean> {
    client.write(text);
    const [data] = await once(client, "data");
    return String(data) === text;
  }

  test("when the weight becomes 0, the destination is removed, and even the service", async () => {
    const server = await echo();
    const port = await balance([server]);
    const client = await dial(port);
    expect(await echoes(client, "one")).toBe(true);
    const destination = destinationOf(server.port, { weight: 0 });
    await plane.apply({ kind: "set-destination", key, destination });
    expect(await ask(port)).toBe("");
    expect(await echoes(client, "two")).toBe(true);
    expect((await plane.destinations())[0]?.activeConnections).toBe(1);
    await plane.apply({ kind: "del-destination", key, destination });
    expect(await echoes(client, "three")).toBe(true);
    await plane.apply({ kind: "del-service", key });
    expect(await echoes(client, "four")).toBe(true);
    await expect(dial(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    client.destroy();
  });

  test("and the service can be created again at once, beside its old connections", async () => {
    const server = await echo();
    const port = await balance([server]);
    const client = await dial(port);
    expect(await echoes(client, "old")).toBe(true);
    await plane.apply({ kind: "del-service", key }, { kind: "new-service", service: serviceOf(key) });
    await plane.apply({ kind: "new-destination", key, destination: destinationOf(server.port) });
    const second = await dial(port);
    expect(await echoes(second, "new")).toBe(true);
    expect(await echoes(client, "still old")).toBe(true);
    client.destroy();
    second.destroy();
  });

  test("above the upper threshold new ones go elsewhere", async () => {
    const [full, other] = [await echo(), await serveName("other")];
    const port = await balance([full, other]);
    await plane.apply({ kind: "set-destination", key, destination: destinationOf(full.port, { upperThreshold: 1 }) });
    const client = await dial(port);
    expect(await echoes(client, "first")).toBe(true);
    expect([await ask(port), await ask(port), await ask(port)]).toEqual(["other", "other", "other"]);
    client.destroy();
  });
});

describe("shares of real connections", () => {
  async function count(port: number, connections: number): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let n = 0; n < connections; n++) {
      const name = await ask(port);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }
  const three = (): Promise<TcpServer>[] => ["a", "b", "c"].map(serveName);

  test.each([
    // Closed connections count as inactive, so lc and wlc share these as they would share open ones.
    ["rr", { a: 20, b: 20, c: 20 }],
    ["wrr", { a: 40, b: 10, c: 10 }],
    ["lc", { a: 20, b: 20, c: 20 }],
    ["wlc", { a: 40, b: 10, c: 10 }],
  ])("%s with weights 4, 1, 1", async (scheduler, expected) => {
    expect(await count(await balance(three(), scheduler, [4, 1, 1]), 60)).toEqual(expected);
  });

  test("sh keeps a client on one server", async () => {
    expect(Object.values(await count(await balance(three(), "sh"), 20))).toEqual([20]);
  });
});

test("IPv6", async () => {
  const server = await serveTcp((socket) => void socket.end(`six ${socket.remoteFamily}`), "::1");
  servers.push(server);
  key = tcpKey(await freePort("::1"), "::1");
  await plane.apply(
    { kind: "new-service", service: serviceOf(key) },
    { kind: "new-destination", key, destination: destinationOf(server.port, { address: "::1" }) },
  );
  expect(await ask(key.port, "::1")).toBe("six IPv6");
});

test("1000 connections at once, and no descriptor is left behind", async () => {
  const port = await balance([
    serveTcp((socket) => void socket.pipe(socket)),
    serveTcp((socket) => void socket.pipe(socket)),
  ]);
  const before = plane.descriptors();
  const clients = await Promise.all(Array.from({ length: 1000 }, () => dial(port)));
  await until("all are forwarded", () => servers.reduce((sum, { sockets }) => sum + sockets.size, 0) === 1000);
  expect((await plane.destinations()).map(({ activeConnections }) => activeConnections)).toEqual([500, 500]);
  const answers = await Promise.all(
    clients.map(async (client, n) => {
      client.end(`client ${n}`);
      return (await readAll(client)).toString();
    }),
  );
  expect(answers).toEqual(clients.map((_, n) => `client ${n}`));
  await until("descriptors are closed", () => plane.descriptors() <= before);
  expect((await plane.destinations()).map((d) => [d.activeConnections, d.inactiveConnections])).toEqual([
    [0, 500],
    [0, 500],
  ]);
});
