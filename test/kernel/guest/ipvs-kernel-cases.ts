import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { IpvsClient, NetlinkError, native, serviceKeyText, type TableOperation } from "ipvs-netlink";
import { assertAllOk, outcomes } from "../../contract/contract-case.ts";
import { addressKey, newDestination, newService, plain, service } from "../../contract/contract-objects.ts";
import { command, ipvsadm, type KernelCase } from "./ipvs-case.ts";
import { compareWithFake } from "./ipvs-differential.ts";

const web = addressKey("TCP", "192.0.2.1", 80);
const numbered = (n: number) => addressKey("TCP", `10.9.${n >> 8}.${n & 255}`, 80);

async function withClient(
  options: Parameters<typeof IpvsClient.open>[0],
  body: (client: IpvsClient) => Promise<void>,
): Promise<void> {
  const client = await IpvsClient.open(options);
  try {
    await body(client);
  } finally {
    await client.close();
  }
}

async function write(client: IpvsClient, operations: readonly TableOperation[]): Promise<void> {
  assertAllOk(operations, await client.apply(operations));
}

/** What only a real kernel can show. */
export const kernelCases: readonly KernelCase[] = [
  {
    name: "another network namespace has its own table, and this thread stays in its own",
    run: () =>
      withClient({}, async (here) => {
        await here.flush();
        command("ip", ["netns", "add", "lbctl-blue"]);
        try {
          await withClient({ netns: "/run/netns/lbctl-blue" }, async (there) => {
            const [, refused] = await there.apply([newService(web), newDestination(web, "10.0.0.1")]);
            assert.ok(refused && !refused.ok && refused.errno === "EINVAL");
            assert.match(refused.message, /ip link set lo up/);
            command("ip", ["-n", "lbctl-blue", "link", "set", "lo", "up"]);
            await write(there, [newDestination(web, "10.0.0.1")]);
            assert.deepEqual(await here.dump(), []);
            const shown = command("ip", ["netns", "exec", "lbctl-blue", "ipvsadm", "-Sn"]);
            assert.match(shown, /-a -t 192\.0\.2\.1:80 -r 10\.0\.0\.1:8080 -m -w 1/);
            // What is opened afterwards belongs here again.
            await withClient({}, async (later) => assert.deepEqual(await later.dump(), []));
          });
        } finally {
          command("ip", ["netns", "del", "lbctl-blue"]);
        }
      }),
  },
  {
    name: "a namespace that does not exist, or is none, is named in the error",
    async run() {
      await assert.rejects(IpvsClient.open({ netns: "/run/netns/nonesuch" }), {
        code: "system-call",
        errno: "ENOENT",
        message: /\/run\/netns\/nonesuch/,
      });
      await assert.rejects(IpvsClient.open({ netns: "/etc/hostname" }), { code: "system-call", errno: "EINVAL" });
      await withClient({}, async (client) => assert.match((await client.info()).version, /^1/));
    },
  },
  {
    name: "without CAP_NET_ADMIN every call says so, per operation where there are several",
    async run() {
      process.seteuid?.(65_534);
      try {
        await withClient({}, async (client) => {
          const denied = { errno: "EPERM", message: /CAP_NET_ADMIN/ };
          await assert.rejects(client.dump(), denied);
          await assert.rejects(client.info(), denied);
          await assert.rejects(client.read([web]), denied);
          const results = await client.apply([newService(web), { kind: "del-service", key: web }]);
          assert.deepEqual(outcomes(results), ["EPERM", "EPERM"]);
          assert.ok(
            results.every(
              (result) => !result.ok && /^\S+ TCP 192\.0\.2\.1:80: EPERM: .*CAP_NET_ADMIN/.test(result.message),
            ),
          );
        });
      } finally {
        process.seteuid?.(0);
      }
    },
  },
  {
    name: "a receive buffer too small for the answers: what is lost is reported as unknown, and was done",
    run: () =>
      withClient({ receiveBufferBytes: 2048 }, async (client) => {
        await client.flush();
        const operations = Array.from({ length: 250 }, (_, n) => newService(numbered(n)));
        const results = await client.apply(operations);
        const lost = results.filter((result) => !result.ok && result.errno === "ENOBUFS").length;
        assert.ok(lost > 0, "no answer was lost");
        assert.ok(lost < 250, "every answer was lost");
        assert.equal(results.filter((result) => result.ok).length + lost, 250);
        const [first] = results.filter((result) => !result.ok);
        assert.ok(first && !first.ok);
        assert.match(first.message, /lost in a full receive buffer: read the table/);
        // Reading again on the same socket gives the truth.
        assert.equal((await client.dump()).length, 250);
        assert.deepEqual(outcomes(await client.apply([newService(numbered(0))])), ["EEXIST"]);
        // Lost answers to questions are asked for again.
        assert.equal((await client.read(operations.map((_, n) => numbered(n)))).length, 250);
      }),
  },
  {
    name: "a listing stays whole while others write",
    run: () =>
      withClient({}, async (client) => {
        await client.flush();
        const stable = Array.from({ length: 400 }, (_, n) => numbered(n));
        await write(
          client,
          stable.flatMap((key) => [newService(key), newDestination(key, "10.1.0.1")]),
        );
        const names = new Set(stable.map(serviceKeyText));
        const writer = churn();
        try {
          while ((await client.dump().catch(() => [])).length === stable.length) await sleep(50);
          let whole = 0;
          for (let round = 0; round < 10; round++) {
            const entries = await client.dump().catch((error: unknown) => {
              // Allowed: it says that it could not get a whole listing.
              assert.ok(error instanceof NetlinkError && error.code === "dump-interrupted", String(error));
              return null;
            });
            if (entries === null) continue;
            whole++;
            const seen = entries.map((entry) => serviceKeyText(entry.service.key));
            assert.equal(new Set(seen).size, seen.length, "a service is listed twice");
            const missing = [...names].filter((name) => !seen.includes(name));
            assert.deepEqual(missing, [], `round ${round}`);
            assert.ok(
              entries.every(
                (entry) => !names.has(serviceKeyText(entry.service.key)) || entry.destinations.length === 1,
              ),
            );
          }
          assert.ok(whole > 0, "no listing was whole");
        } finally {
          writer.kill("SIGKILL");
          await once(writer, "exit");
        }
      }),
  },
  {
    name: "counters of real traffic: services, destinations, rates, connections; zero",
    run: () =>
      withClient({}, async (client) => {
        await client.flush();
        for (const address of ["198.51.100.1", "198.51.100.2"])
          command("ip", ["addr", "add", `${address}/32`, "dev", "lo"]);
        const key = addressKey("UDP", "198.51.100.1", 9000);
        await write(client, [newService(key), newDestination(key, "198.51.100.2", { port: 9001 })]);
        const server = createSocket("udp4", (message, peer) => server.send(message, peer.port, peer.address));
        const asker = createSocket("udp4");
        try {
          server.bind(9001, "198.51.100.2");
          await once(server, "listening");
          asker.bind(0, "198.51.100.1");
          await once(asker, "listening");
          for (let n = 0; n < 20; n++) {
            const answer = once(asker, "message", { signal: AbortSignal.timeout(30_000) });
            asker.send(Buffer.alloc(100), 9000, "198.51.100.1");
            await answer;
          }
          await sleep(4500);
          const [entry] = await client.read([key]);
          const [one] = entry?.destinations ?? [];
          assert.ok(entry && one);
          for (const counted of [entry.statistics, one.statistics]) {
            assert.equal(counted.connections, 1);
            assert.equal(counted.inPackets, 20);
            assert.equal(counted.inBytes, 20 * 128);
            assert.equal(counted.outPackets, 20);
            assert.ok(counted.inPacketsPerS > 0 && counted.inBytesPerS > counted.inPacketsPerS);
          }
          assert.equal(one.activeConnections + one.inactiveConnections, 1);
          assert.match(ipvsadm("-Lnu", "198.51.100.1:9000", "--stats", "--exact"), / 1 +20 +20 +2560 +2560/);
          await client.zero(key);
          const [zeroed] = await client.read([key]);
          assert.equal(zeroed?.statistics.inPackets, 0);
          assert.equal(zeroed?.destinations[0]?.statistics.inBytes, 0);
        } finally {
          server.close();
          asker.close();
        }
      }),
  },
  {
    name: "two clients and ipvsadm see each other's writes at once",
    run: () =>
      withClient({}, (one) =>
        withClient({}, async (other) => {
          await one.flush();
          await write(one, [newService(web)]);
          assert.deepEqual(plain(await other.dump()), [{ service: service(web), destinations: [] }]);
          assert.deepEqual(outcomes(await other.apply([newService(web)])), ["EEXIST"]);
          ipvsadm("-C");
          assert.deepEqual(await one.read([web]), []);
        }),
      ),
  },
  {
    name: "the fake kernel refuses and keeps what Linux refuses and keeps, over random operations",
    run: () => withClient({}, (client) => compareWithFake(client)),
  },
  {
    name: "descriptors are closed with the client",
    async run() {
      const before = command("ls", [`/proc/${process.pid}/fd`]).split("\n").length;
      for (let n = 0; n < 50; n++) await (await IpvsClient.open()).close();
      assert.ok(command("ls", [`/proc/${process.pid}/fd`]).split("\n").length <= before + 1);
      assert.equal(native().close(999), -9);
    },
  },
];

/** A writer that adds and removes services as fast as ipvsadm can. */
function churn(): ReturnType<typeof spawn> {
  const rules = Array.from({ length: 60 }, (_, n) => `-A -t 10.200.0.${n}:80 -s rr`);
  const removal = rules.map((rule) => rule.replace("-A", "-D").replace(" -s rr", ""));
  const script = `while :; do ipvsadm -R <<'END'\n${[...rules, ...removal].join("\n")}\nEND\ndone`;
  return spawn("sh", ["-c", script], { stdio: "ignore" });
}
