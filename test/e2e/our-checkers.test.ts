import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Behaviour, hangs, listen, type TestServer } from "../../checkers/src/testing/misbehaving-server.ts";
import { freePort } from "../../src/demo/free-port.ts";
import { DirectorNode, lbctl, until } from "./lbctl.ts";

// FILE_CHECK and the checkers that keepalived has not, in a whole lbctl: services change, and the table follows.
const node = new DirectorNode();
const file = (name: string) => join(node.directory, name);
const servers: TestServer[] = [];
const grpc = new Server();
let serving = 1;
let redisAnswer = "+PONG\r\n";
let agentLine = "up 100%\n";
let shared: TestServer;
let ports: { redis: number; agent: number; grpc: number };

async function serve(behaviour: Behaviour): Promise<TestServer> {
  const server = await listen(behaviour);
  servers.push(server);
  return server;
}

function write(number: number): void {
  // As careful programs do: a new file in the place of the old one.
  writeFileSync(file("number.new"), `${number}\n`);
  renameSync(file("number.new"), file("number"));
}

const timing = "delay_loop 0.3\n connect_timeout 2\n warmup 0\n retry 0";

beforeAll(async () => {
  const redis = await serve((socket) => void socket.on("data", () => socket.write(redisAnswer)));
  const agent = await serve((socket) => void socket.end(agentLine));
  shared = await serve(hangs);
  const asIs = { requestStream: false, responseStream: false, requestDeserialize: (value: Buffer) => value };
  const codec = { ...asIs, requestSerialize: (value: Buffer) => value, responseDeserialize: (value: Buffer) => value };
  grpc.addService(
    { Check: { path: "/grpc.health.v1.Health/Check", ...codec, responseSerialize: (value: Buffer) => value } },
    {
      Check: (_: unknown, callback: (error: null, value: Buffer) => void) => callback(null, Buffer.from([8, serving])),
    },
  );
  const grpcPort = await new Promise<number>((resolve) => {
    grpc.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, bound) => resolve(bound));
  });
  ports = { redis: redis.port, agent: agent.port, grpc: grpcPort };
  write(0);
  const checks = {
    redis: [ports.redis, `TCP_EXPECT {\n ${timing}\n step {\n send "PING\\r\\n"\n expect_regex "^\\+PONG"\n }\n }`],
    grpc: [ports.grpc, `GRPC_CHECK {\n ${timing}\n service shop.Cart\n }`],
    agent: [ports.agent, `AGENT_CHECK {\n ${timing}\n rise 2\n fast_interval 0.1\n }`],
    file: [9, "FILE_CHECK {\n track_file number\n }"],
    zero: [9, "FILE_CHECK {\n track_file number\n weight 0\n }"],
    shared1: [shared.port, `TCP_CHECK {\n ${timing.replace("0.3", "1")}\n }`],
    shared2: [shared.port, `TCP_CHECK {\n ${timing.replace("0.3", "1")}\n }`],
  } as const;
  const blocks = await Promise.all(
    Object.entries(checks).map(
      async ([name, [port, check]]) =>
        `virtual_server 127.0.0.1 ${await freePort()} {\n protocol TCP\n name ${name}\n real_server 127.0.0.1 ${port} {\n weight 10\n ${check}\n }\n }\n`,
    ),
  );
  writeFileSync(
    node.configFile.replace(/yaml$/, "conf"),
    `track_file number {\n file ${file("number")}\n }\n${blocks.join("")}`,
  );
  // The same in the other language.
  const converted = await lbctl(["convert", node.configFile.replace(/yaml$/, "conf")]);
  expect(converted.status, converted.stderr).toBe(0);
  writeFileSync(node.configFile, converted.stdout);
  await node.start();
});
afterAll(async () => {
  await node.close();
  grpc.forceShutdown();
  for (const server of servers) await server.close();
});

async function realServer(name: string) {
  const { virtual_servers } = await node.status();
  return virtual_servers.find((each) => each.name === name)?.real_servers[0];
}

async function becomes(name: string, state: string, wanted: { reason?: string; weight?: number } = {}): Promise<void> {
  let seen: Awaited<ReturnType<typeof realServer>>;
  const holds = async () => {
    seen = await realServer(name);
    return (
      seen?.state === state &&
      (seen.reason.includes(wanted.reason ?? "") || seen.checks[0]?.reason?.includes(wanted.reason ?? "") === true) &&
      (wanted.weight === undefined || seen.effective_weight === wanted.weight)
    );
  };
  await until(`${name} is ${state} ${JSON.stringify(wanted)}`, holds, () => JSON.stringify(seen));
}

test("TCP_EXPECT: a service that answers otherwise is down, and says what it answered", async () => {
  await becomes("redis", "up");
  redisAnswer = "-NOAUTH Authentication required.\r\n";
  await becomes("redis", "down", {
    reason: 'answer "-NOAUTH Authentication required.\\r\\n", wanted a match of "^\\+PONG"',
  });
  redisAnswer = "+PONG\r\n";
  await becomes("redis", "up");
});

test("GRPC_CHECK: a service that is not serving is down", async () => {
  await becomes("grpc", "up");
  serving = 2;
  await becomes("grpc", "down", { reason: 'service "shop.Cart" is NOT_SERVING' });
  serving = 1;
  await becomes("grpc", "up");
});

test("AGENT_CHECK: weights, drains until ready, and takes down; rise counts", async () => {
  await becomes("agent", "up", { weight: 10 });
  agentLine = "75%\n";
  await becomes("agent", "up", { weight: 8 });
  agentLine = "drain\n";
  await becomes("agent", "drained", { weight: 0, reason: "drained by its agent" });
  agentLine = "up 50%\n";
  await becomes("agent", "drained", { weight: 0, reason: "weight 50%" });
  agentLine = "ready\n";
  await becomes("agent", "up", { weight: 5 });
  agentLine = "down # deploying\n";
  await becomes("agent", "down", { reason: "the agent says down: deploying" });
  agentLine = "up 100%\n";
  await becomes("agent", "up", { weight: 10 });
});

test("FILE_CHECK: the number in a file adds to the weight; with weight 0 any but zero is down", async () => {
  await becomes("file", "up", { weight: 10 });
  await becomes("zero", "up", { weight: 10 });
  write(7);
  await becomes("file", "up", { weight: 17 });
  await becomes("zero", "down", { reason: "the file says 7, wanted 0" });
  write(-4);
  await becomes("file", "up", { weight: 6 });
  write(-40);
  await becomes("file", "up", { weight: 0 });
  rmSync(file("number"));
  await becomes("file", "up", { weight: 10 });
  await becomes("zero", "up");
});

test("one probe serves all virtual servers that ask the same", async () => {
  await becomes("shared1", "up");
  await becomes("shared2", "up");
  const startedMs = performance.now();
  const before = shared.accepted();
  await until("five more connections", () => shared.accepted() >= before + 5);
  // At least a second lies between two runs of a check, however busy the machine: two checks would connect twice as often.
  const seconds = (performance.now() - startedMs) / 1000;
  expect(shared.accepted() - before).toBeLessThanOrEqual(seconds + 2);
  const checkedAt = async (names: readonly string[]) => {
    const { virtual_servers } = await node.status();
    return names.map(
      (name) => virtual_servers.find((each) => each.name === name)?.real_servers[0]?.checks[0]?.checked_at,
    );
  };
  const [one, other] = await checkedAt(["shared1", "shared2"]);
  expect(one).toBe(other);
});

test("lbctl probe runs a check of the running configuration, or any other, and says by its status what came of it", async () => {
  const running = await node.lbctl("probe", "--real-server", `127.0.0.1:${ports.redis}`);
  expect(running.stdout).toMatch(/^TCP_EXPECT 127\.0\.0\.1:\d+ of redis, deadline 2 s\n/);
  expect(running.stdout).toMatch(
    /connected from 127\.0\.0\.1 port \d+\n.*sent 6 octets: PING\n.*received 7 octets: \+PONG\n/,
  );
  expect(running.stdout).toMatch(/passed: ok in [0-9.]+ ms\n$/);
  expect(running.status).toBe(0);

  const words = ["--send", "PING\\r\\n", "--expect", "+OK", "--timeout", "0.5", "--json"];
  const other = await node.lbctl("probe", "TCP_EXPECT", `127.0.0.1:${ports.redis}`, ...words);
  expect(other.status).toBe(1);
  expect(JSON.parse(other.stdout).probes[0]).toMatchObject({
    checker: "TCP_EXPECT",
    passed: false,
    reason: 'answer "+PONG\\r\\n", wanted "+OK"',
    deadline_ms: 500,
  });

  const absent = await node.lbctl("probe", "--real-server", "127.0.0.1:1");
  expect([absent.status, absent.stderr]).toEqual([1, expect.stringContaining("has real server 127.0.0.1:1")]);
});
