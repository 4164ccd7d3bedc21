import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { childrenOf, type Daemon, DirectorNode, runs, until } from "./lbctl.ts";
import { virtualServer } from "./virtual-server.ts";
import { ask, share, underLoad, WebServer } from "./web-servers.ts";

let node: DirectorNode;
let web1: WebServer;
let web2: WebServer;
let port: number;
let daemon: Daemon;

beforeEach(async () => {
  [web1, web2] = await Promise.all([WebServer.start("web1"), WebServer.start("web2")]);
  port = await freePort();
  node = new DirectorNode();
  // Whatever is repaired here is not left to the periodic read-back.
  const global_defs = { reconcile_interval: 60 };
  node.configure({ global_defs, virtual_server: [virtualServer("web", port, [web1, web2])] });
  daemon = await node.start();
  await allUp();
});
afterEach(async () => {
  await node.close();
  await Promise.all([web1.stop(), web2.stop()]);
});

async function states(): Promise<readonly string[]> {
  return (await node.status()).virtual_servers.flatMap(({ real_servers }) => real_servers.map(({ state }) => state));
}

/** Decided, and in the table too: what is decided is carried out a moment later. */
const allUp = () =>
  until("every real server is up", async () => {
    const real = (await node.status()).virtual_servers.flatMap(({ real_servers }) => real_servers);
    return real.every(({ state, connections }) => state === "up" && connections !== null);
  });

/** Nothing of the daemon is left: no process, no socket, no pid file, nobody who listens. */
async function expectNothingLeft(family: readonly number[]): Promise<void> {
  await until("its processes are gone", () => !family.some(runs));
  for (const file of ["control.sock", "dataplane.sock", "lbctl.pid"]) {
    expect(existsSync(`${node.runDir}/${file}`), file).toBe(false);
  }
  await expect(ask(port)).rejects.toThrow("ECONNREFUSED");
}

describe("a process that is killed", () => {
  test("checker: no request fails, the new one adopts the table and writes nothing", async () => {
    await underLoad(port, async () => {
      const before = daemon.child("checker");
      process.kill(before, "SIGKILL");
      await daemon.logged(
        /checker process \d+ ended \(signal SIGKILL\)[\s\S]*ready: the table is as wanted, nothing written/,
      );
      expect(daemon.child("checker")).not.toBe(before);
      expect((await node.status()).daemon.checker).toBe("running");
    });
    // Seeded from what was known, not from nothing.
    expect(await states()).toEqual(["up", "up"]);
  });

  test("data plane: it comes back, and the director fills it again", async () => {
    const before = daemon.child("dataplane");
    process.kill(before, "SIGKILL");
    await daemon.logged(/data plane process \d+ ended \(signal SIGKILL\).*a new one starts in/);
    await until(
      "requests are answered again",
      async () => (await ask(port).catch(() => "")) !== "",
      () => daemon.log(),
    );
    expect(daemon.child("dataplane")).not.toBe(before);
    expect(Object.keys(await share(port, 4)).sort()).toEqual(["web1", "web2"]);
    expect(await states()).toEqual(["up", "up"]);
    await until("status has counters", async () => (await node.status()).virtual_servers[0]?.stats !== null);
    expect((await node.lbctl("plan")).stdout).toContain("No change");
  });

  test("data plane, where nothing is to be started again: the end of all", async () => {
    const other = new DirectorNode();
    try {
      other.configure({ virtual_server: [virtualServer("web", await freePort(), [])] });
      const strict = await other.start("-R");
      process.kill(strict.child("dataplane"), "SIGKILL");
      const { status, stderr } = await strict.ended;
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /the dataplane process ended \(signal SIGKILL\)\n {2}With -R it is not started again\.\n$/,
      );
    } finally {
      await other.close();
    }
  });

  test("all of it: the next start takes over pid file, socket and records", async () => {
    const children = childrenOf(daemon.pid);
    daemon.signal("SIGKILL");
    await daemon.ended;
    await until("its children are gone", () => !children.some(runs));
    const gone = await node.lbctl("status");
    expect(gone.status).toBe(5);
    expect(gone.stderr).toContain("the socket is a leftover, the lbctl that made it is gone");
    daemon = await node.start();
    expect(daemon.log()).toMatch(/pid file .* is stale: process \d+ is gone/);
    await allUp();
    expect(await share(port, 4)).toEqual({ web1: 2, web2: 2 });
  });
});

test("a second daemon in the same directory is refused, and the first does not notice", async () => {
  const second = await node.launch().ended;
  expect(second.status).toBe(1);
  expect(second.stderr).toContain(`lbctl already runs as process ${daemon.pid}`);
  expect(second.stderr).toContain('"lbctl reload"');
  expect(await share(port, 2)).toEqual({ web1: 1, web2: 1 });
});

test.each<NodeJS.Signals>(["SIGTERM", "SIGINT"])("%s ends it in order and leaves nothing", async (signal) => {
  const family = [daemon.pid, ...childrenOf(daemon.pid)];
  expect(family).toHaveLength(3);
  daemon.signal(signal);
  const { status, stdout, stderr } = await daemon.ended;
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  expect(stderr).toMatch(new RegExp(`${signal} received[\\s\\S]*removed 1 service of ours[\\s\\S]*stopped\\n$`));
  await expectNothingLeft(family);
});

test.each<NodeJS.Signals>(["SIGTERM", "SIGINT"])(
  "%s to every process of its own, as pkill or Ctrl-C send it, ends it in order too",
  async (signal) => {
    const family = [...childrenOf(daemon.pid), daemon.pid];
    for (const pid of family) process.kill(pid, signal);
    const { status, stderr } = await daemon.ended;
    expect(status).toBe(0);
    expect(stderr).toMatch(/stopped\n$/);
    await expectNothingLeft(family);
  },
);

test("SIGTERM while it starts ends it in order too", async () => {
  await daemon.stop();
  const early = node.launch();
  await until("it has written its pid file", () => existsSync(`${node.runDir}/lbctl.pid`));
  const family = [early.pid, ...childrenOf(early.pid)];
  const { status, stderr } = await early.stop();
  expect({ status, stderr }).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/SIGTERM received[\s\S]*stopped\n$/),
  });
  await expectNothingLeft(family);
});
