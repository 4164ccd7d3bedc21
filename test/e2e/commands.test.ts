import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { version } from "../../src/version.ts";
import { type Daemon, DirectorNode, lbctl, program, start, until } from "./lbctl.ts";
import { virtualServer } from "./virtual-server.ts";
import { WebServer } from "./web-servers.ts";

const commands = ["run", "status", "plan", "reload", "validate", "convert", "genhash", "schema", "completion", "demo"];

describe("the command line", () => {
  test.each([["--version"], ["-v"]])("%s", async (word) => {
    expect(await lbctl([word])).toEqual({ status: 0, stdout: `lbctl ${version}\n`, stderr: "" });
  });

  test("--help names every command", async () => {
    const { status, stdout, stderr } = await lbctl(["--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
  });

  test.each(commands)("%s --help", async (command) => {
    const { status, stdout, stderr } = await lbctl([command, "--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain(`Usage: lbctl ${command}`);
  });

  test.each([
    [[], "Usage: lbctl"],
    [["sttus"], '(Did you mean status?)\n(see "lbctl --help")'],
    [["frobnicate"], "error: unknown command 'frobnicate'\n(see \"lbctl --help\")"],
    [["--frobnicate"], "error: unknown option '--frobnicate'\n(see \"lbctl --help\")"],
    [["reload", "--frobnicate"], "error: unknown option '--frobnicate'\n(see \"lbctl reload --help\")"],
    [["status", "--jsn"], '(Did you mean --json?)\n(see "lbctl status --help")'],
    [["status", "web"], "error: 'status' takes no 'web'\n(see \"lbctl status --help\")"],
    [["validate", "lb.yaml"], "(Did you mean -f lb.yaml?)"],
    [["help", "sttus"], "(Did you mean status?)"],
    [["sttus", "--help"], "(Did you mean status?)"],
    [["plan", "-f"], "argument missing"],
    [["run", "--dataplane", "kernel"], "Allowed choices are ipvs, userspace."],
    [["run", "--log", "nowhere"], "Allowed choices are auto, console, journald, syslog, json."],
    [["run", "-S", "8"], '--log-facility takes 0 to 7, local0 to local7, user or daemon, not "8"'],
    [["status", "--watch", "soon"], '--watch takes 0.1 to 3600 seconds, not "soon"'],
  ])("%j is a wrong call, and says what is right", async (words, hint) => {
    const { status, stdout, stderr } = await lbctl(words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(/^ +at .*:\d+:\d+/m);
  });

  test("a command whose reader goes away ends quietly", async () => {
    const pipe = `"${program}" schema | true; echo "\${PIPESTATUS[0]}"`;
    expect(await start("bash", ["-c", pipe]).ended).toEqual({ status: 0, stdout: "0\n", stderr: "" });
  });
});

describe("without a daemon", () => {
  let node: DirectorNode;
  beforeAll(() => {
    node = new DirectorNode();
  });
  afterAll(() => node?.close());

  test.each(["status", "plan", "reload"])("%s says so, also as JSON, and creates nothing", async (command) => {
    const plain = await node.lbctl(command);
    expect(plain).toMatchObject({ status: 5, stdout: "" });
    expect(plain.stderr).toBe(
      `lbctl ${command}: no answer on ${node.runDir}/control.sock: the socket does not exist, so no lbctl runs in this network namespace\n` +
        '  Start it with "lbctl run", or name its directory with --run-dir.\n',
    );
    const { status, stdout, stderr } = await node.lbctl(command, "--json");
    expect({ status, stderr }).toEqual({ status: 5, stderr: "" });
    expect(JSON.parse(stdout).error).toMatchObject({ code: "daemon-unreachable", hint: expect.any(String) });
    expect(existsSync(node.runDir)).toBe(false);
  });

  test.each([
    ["absent.yaml", 4, "error[file-not-found]"],
    ["", 4, "error[not-a-file]"],
  ])('run -f "%s" ends before anything is started', async (file, status, code) => {
    const ended = await node.lbctl("run", "--dataplane", "userspace", "-f", `${node.directory}/${file}`);
    expect(ended.status).toBe(status);
    expect(ended.stderr).toContain(code);
    expect(existsSync(node.runDir)).toBe(false);
  });

  test("run with a broken file shows every error", async () => {
    node.configure({ virtual_server: [{ name: "web", port: 0 }] });
    const { status, stderr } = await node.lbctl("run", "--dataplane", "userspace", "-f", node.configFile);
    expect(status).toBe(3);
    expect(stderr).toContain(`${node.configFile}:`);
    expect(stderr).toContain("error[");
  });
});

describe("status of a running daemon", () => {
  let node: DirectorNode;
  let web: WebServer;
  let daemon: Daemon;

  beforeAll(async () => {
    node = new DirectorNode();
    web = await WebServer.start("web1");
    node.configure({ virtual_server: [virtualServer("web", await freePort(), [web])] });
    daemon = await node.start();
    const state = async () => (await node.status()).virtual_servers[0]?.real_servers[0]?.state;
    await until("the real server is up", async () => (await state()) === "up");
  });
  afterAll(async () => {
    await node?.close();
    await web?.stop();
  });

  /** As a terminal sees it. */
  async function onTerminal(env: Readonly<Record<string, string>>): Promise<string> {
    const command = `"${program}" status --run-dir "${node.runDir}"`;
    const { stdout } = await start("script", ["-qec", command, "/dev/null"], { TERM: "xterm", ...env }).ended;
    return stdout;
  }

  test("on a terminal it is coloured, unless NO_COLOR or a dumb terminal asks for none", async () => {
    expect(await onTerminal({ NO_COLOR: "" })).toContain("\u001b[32mup\u001b[0m");
    for (const env of [{ NO_COLOR: "1" }, { NO_COLOR: "", TERM: "dumb" }]) {
      const plain = await onTerminal(env);
      expect(plain).toContain("REAL SERVER");
      expect(plain).not.toContain("\u001b");
    }
  });

  test("a reader that goes away is no error", async () => {
    const pipe = `"${program}" status --run-dir "${node.runDir}" | true; echo "\${PIPESTATUS[0]}"`;
    expect(await start("bash", ["-c", pipe]).ended).toEqual({ status: 0, stdout: "0\n", stderr: "" });
  });

  test("--watch --json prints one document a line", async () => {
    const watch = start(program, ["status", "--watch", "0.2", "--json", "--run-dir", node.runDir]);
    await until("two lines", () => watch.stdout().split("\n").length > 2);
    watch.signal("SIGINT");
    const { stdout } = await watch.ended;
    for (const line of stdout.trim().split("\n")) expect(JSON.parse(line)).toMatchObject({ version: 1, generation: 1 });
  });

  test("--watch prints again and again, outlives the daemon, and goes on with the next one", async () => {
    const watch = start(program, ["status", "--watch", "0.2", "--run-dir", node.runDir]);
    const prints = () => watch.stdout().split("REAL SERVER").length - 1;
    try {
      await until("three prints", () => prints() >= 3);
      await daemon.stop();
      await until("it says that the daemon is gone", () => watch.stderr().includes("no answer on"));
      const before = prints();
      await node.start();
      await until("it prints again", () => prints() >= before + 2);
    } finally {
      watch.signal("SIGINT");
      await watch.ended;
    }
  });
});
