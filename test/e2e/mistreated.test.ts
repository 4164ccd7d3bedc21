import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { childrenOf, DirectorNode, program, until } from "./lbctl.ts";
import { virtualServer } from "./virtual-server.ts";

let node: DirectorNode;

beforeEach(async () => {
  node = new DirectorNode();
  node.configure({ virtual_server: [virtualServer("web", await freePort(), [])] });
});
afterEach(() => node.close());

const generation = async () => (await node.status()).generation;

test("SIGUSR1 and SIGUSR2 to every process: each has something dumped, no debugger opens, the director goes on", async () => {
  const daemon = await node.start();
  const family = [daemon.pid, ...childrenOf(daemon.pid)];
  expect(family).toHaveLength(3);
  for (const [signal, what] of [
    ["SIGUSR1", "state"],
    ["SIGUSR2", "statistics"],
  ] as const) {
    for (const pid of family) process.kill(pid, signal);
    await daemon.logged(new RegExp(`dumped the ${what} to `));
  }
  expect((await node.lbctl("reload")).status).toBe(0);
  expect([daemon.pid, ...childrenOf(daemon.pid)]).toEqual(family);
  expect(daemon.log()).not.toContain("Debugger");
});

test("the reader of its log goes away: the director goes on", async () => {
  const words = ["run", "-f", node.configFile, "--dataplane", "userspace", "--run-dir", node.runDir];
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  try {
    await new Promise((resolve) => child.stderr.once("data", resolve));
    child.stderr.destroy();
    await until("it answers", () => generation().then(Boolean, () => false));
    // Each is logged in two lines, to nobody.
    for (const wanted of [2, 3]) {
      expect((await node.lbctl("reload")).status).toBe(0);
      expect(await generation()).toBe(wanted);
    }
  } finally {
    child.kill("SIGTERM");
  }
  expect(await ended).toBe(0);
});

test("a client that never ends its request does not keep the director from stopping", async () => {
  const daemon = await node.start();
  const client = connect(join(node.runDir, "control.sock"));
  const hungUp = new Promise((resolve) => client.on("close", resolve));
  client.on("error", () => {});
  await new Promise<void>((resolve) =>
    client.write("POST /v1/plan HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{", () => resolve()),
  );
  await node.status();
  expect((await daemon.stop()).status).toBe(0);
  await hungUp;
});

describe("places that cannot be used are refused in a sentence, with exit status 1", () => {
  const refused = async (...options: readonly string[]): Promise<string> => {
    const { status, stderr } = await node.launch(...options).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/(^|\n)lbctl run: .+\n {2}\S.*\n$/);
    return stderr;
  };

  test("a file where the run directory should be", async () => {
    writeFileSync(node.runDir, "");
    expect(await refused()).toContain("EEXIST");
  });

  test("a pid file that is a directory, or in a directory that does not exist", async () => {
    const pidFile = join(node.directory, "pid");
    mkdirSync(pidFile);
    expect(await refused("--pid", pidFile)).toContain("EISDIR");
    const missing = join(pidFile, "missing/lbctl.pid");
    expect(await refused("--pid", missing)).toContain(
      `lbctl run: the pid file ${missing} cannot be written: its directory does not exist (ENOENT)\n`,
    );
  });
});
