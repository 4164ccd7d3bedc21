import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EventEntry } from "../../src/control/event-log.ts";
import { freePort } from "../../src/demo/free-port.ts";
import { type Daemon, DirectorNode, program, start, until } from "./lbctl.ts";
import { virtualServer } from "./virtual-server.ts";
import { share, WebServer } from "./web-servers.ts";

const node = new DirectorNode();
let web1: WebServer;
let web2: WebServer;
let port: number;
let daemon: Daemon;

/** State and weight of the real servers, as in the table. */
async function table(): Promise<string[]> {
  const [server] = (await node.status()).virtual_servers;
  return (server?.real_servers ?? []).map(({ state, effective_weight }) => `${state} ${effective_weight}`);
}

const becomes = (...wanted: string[]) =>
  until(
    wanted.join(", "),
    async () => (await table()).join() === wanted.join(),
    () => daemon.log(),
  );

async function ok(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await node.lbctl(...words);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining("lbctl") });
  return stdout;
}

const name = (server: WebServer) => `127.0.0.1:${server.port}`;

beforeAll(async () => {
  [web1, web2] = await Promise.all([WebServer.start("web1"), WebServer.start("web2")]);
  port = await freePort();
  node.configure({ virtual_server: [virtualServer("web", port, [web1, web2])] });
  daemon = await node.start();
  await becomes("up 1", "up 1");
});
afterAll(async () => {
  await node.close();
  await Promise.all([web1?.stop(), web2?.stop()]);
});

describe("what an operator does", () => {
  test("drain: no new connections, and the wait ends when the old ones have", async () => {
    const stdout = await ok("drain", name(web1), "--wait", "--json");
    expect(JSON.parse(stdout)).toEqual({ real_servers: [name(web1)], changed: 1, active: 0 });
    await becomes("drained 0", "up 1");
    expect(await share(port, 6)).toEqual({ web2: 6 });
    const { virtual_servers } = await node.status();
    expect(virtual_servers[0]?.real_servers[0]?.overrides).toMatchObject([
      { real_server: name(web1), virtual_server: null, admin_state: "drained", expires_at: null },
    ]);
  });

  test("the drain of the last one says what is lost by it, and is carried out", async () => {
    const { status, stderr } = await node.lbctl("drain", name(web2));
    expect(status).toBe(0);
    expect(stderr).toContain("warning: web loses its quorum by that (live weight 0 of 1), and it has no sorry server");
    await becomes("drained 0", "drained 0");
    await ok("undrain", name(web2));
    await becomes("drained 0", "up 1");
  });

  test("drain --wait shows what is connected, and ends with it or with its patience", async () => {
    await ok("undrain", name(web1));
    await ok("disable", name(web2));
    await becomes("up 1", "disabled 0");
    const client = connect(port, "127.0.0.1");
    await once(client, "connect");
    await until("the connection is counted", async () => {
      const { virtual_servers } = await node.status();
      return virtual_servers[0]?.real_servers[0]?.connections?.active === 1;
    });
    const impatient = await node.lbctl("drain", name(web1), "--wait", "--timeout", "1s");
    expect(impatient).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("1 active connection left after 1 s"),
    });
    const words = ["drain", name(web1), "--wait", "--run-dir", node.runDir];
    const patient = start(program, words);
    await until("what is connected is shown", () => patient.stderr().includes("1 active connection\n"));
    client.end();
    expect(await patient.ended).toMatchObject({ status: 0, stderr: expect.stringContaining("0 active connections\n") });
    await ok("enable", name(web2));
    await becomes("drained 0", "up 1");
  });

  test("it outlives a reload, SIGKILL and a restart", async () => {
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await becomes("drained 0", "up 1");
    daemon.signal("SIGKILL");
    await daemon.ended;
    daemon = await node.start();
    await becomes("drained 0", "up 1");
    expect(daemon.log()).toContain(`still in force: ${name(web1)} (everywhere) is drained`);
    expect(await share(port, 4)).toEqual({ web2: 4 });
    await ok("undrain", name(web1));
    await becomes("up 1", "up 1");
  });

  test("disable and enable, in one virtual server; a weight, for a while", async () => {
    await ok("disable", name(web2), "--virtual-server", "web");
    await becomes("up 1", "disabled 0");
    await ok("enable", name(web2), "--virtual-server", "web");
    await ok("weight", name(web1), "7");
    await ok("weight", "127.0.0.1", "5", "--for", "2s");
    // Asked for what it was told of, not seen: a machine that stalls for two seconds misses it in the table.
    await until("the weight is as before", () => daemon.log().split("ended, as was asked for").length === 3);
    expect(daemon.log()).toContain(`${name(web1)} (everywhere) has weight 5 for 2 s`);
    await becomes("up 7", "up 1");
    await ok("weight", name(web1), "1", "--for", "1h");
    expect((await node.lbctl("status")).stdout).toMatch(/weight 1 by root .* ago, ends in .*, then weight 7 by root/);
    await ok("weight", name(web1), "9");
    await becomes("up 9", "up 1");
    await ok("weight", name(web1), "configured");
    await becomes("up 1", "up 1");
  });

  test("check: at once instead of when it is due", async () => {
    web1.answerWith(500);
    expect(await ok("check", name(web1))).toContain("1 check of");
    await becomes("down 0", "up 1");
    web1.answerWith(200);
    await ok("check", name(web1));
    await becomes("up 1", "up 1");
  });

  test("events: what changed, in order, also as it happens", async () => {
    const following = start(program, ["events", "--follow", "--json", "--run-dir", node.runDir]);
    await until("events are read", () => following.stdout().includes("real_server_changed"));
    await ok("drain", name(web2));
    const events = (): EventEntry[] =>
      following
        .stdout()
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    await until("the drain is told", () =>
      events().some(
        ({ event, to, real_server }) =>
          event === "real_server_changed" && to === "drained" && real_server === name(web2),
      ),
    );
    const numbers = events().map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    await ok("reload");
    await until("the reload is told", () => events().some(({ event }) => event === "reloaded"));
    following.signal("SIGINT");
    await following.ended;
    await ok("undrain", name(web2));
  });

  test("log-level counts at once", async () => {
    expect(await ok("log-level", "debug")).toBe("Log level info -> debug.\n");
    expect(await ok("log-level", "info")).toBe("Log level debug -> info.\n");
  });
});

/** A member of the group asks for what root could read: the answer would say what stands in it. */
async function mayPlanTheFileInForceOnly(runDir: string): Promise<void> {
  chmodSync(dirname(runDir), 0o711);
  const secret = join(dirname(runDir), "secret");
  writeFileSync(secret, "password: hunter2\n", { mode: 0o600 });
  const plan = async (body: object) => {
    const curl = ["curl", "-sS", "--unix-socket", join(runDir, "control.sock"), "-d", JSON.stringify(body)];
    const asDaemon = ["--reuid=daemon", "--regid=daemon", "--clear-groups", ...curl, "http://lbctl/v1/plan"];
    return (await promisify(execFile)("setpriv", asDaemon)).stdout;
  };
  const refused = await plan({ file: secret });
  expect(JSON.parse(refused)).toMatchObject({ error: { code: "forbidden" } });
  expect(refused).not.toContain("hunter2");
  expect(JSON.parse(await plan({ file: null }))).toMatchObject({ operations: [] });
}

describe("the control socket", () => {
  test("is for root and a group of the configuration's choice; one that is not there is said", async () => {
    const config = { virtual_server: [virtualServer("web", port, [web1, web2])] };
    for (const [group, gid] of [
      ["daemon", 1],
      ["nobodyhere", process.getgid?.()],
    ] as const) {
      await daemon.stop();
      node.configure({ global_defs: { control_group: group }, ...config });
      daemon = await node.start();
      const { mode, gid: is } = statSync(join(node.runDir, "control.sock"));
      expect({ mode: mode & 0o777, gid: is }).toEqual({ mode: 0o660, gid });
      if (group === "daemon") await mayPlanTheFileInForceOnly(node.runDir);
    }
    expect(daemon.log()).toContain("control_group nobodyhere: there is no group nobodyhere on this machine");
    await becomes("up 1", "up 1");
  });
});

describe("what an operator gets wrong", () => {
  test.each<[string[], number, RegExp]>([
    [["drain", "10.9.9.9:80"], 1, /no virtual server has real server 10\.9\.9\.9:80\n {2}Real servers: /],
    [
      ["drain", "127.0.0.1", "--virtual-server", "wbe"],
      1,
      /there is no virtual server wbe\n {2}Virtual servers: web\./,
    ],
    [["drain", "web1"], 1, /web1 is no real server/],
    [["drain", "127.0.0.1", "--for", "5 minutes"], 2, /--for takes a duration such as 90s/],
    [["drain", "127.0.0.1", "--wait", "--timeout", "soon"], 2, /--timeout takes a duration/],
    [["weight", "127.0.0.1", "-1"], 2, /unknown option|the weight is a number/],
    [["weight", "127.0.0.1", "70000"], 2, /the weight is a number from 0 to 65535/],
    [["log-level", "loud"], 2, /Allowed choices are error, warning/],
    [["events", "--since", "yesterday"], 2, /--since takes the number of an event/],
  ])("%j", async (words, status, message) => {
    const ended = await node.lbctl(...words);
    expect(ended).toMatchObject({ status, stderr: expect.stringMatching(message) });
    expect(await table()).toEqual(["up 1", "up 1"]);
  });

  test("undrain of what is disabled says what it is", async () => {
    await ok("disable", name(web1));
    const { status, stderr } = await node.lbctl("undrain", name(web1));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `lbctl undrain: ${name(web1)} is disabled, not drained\n  "lbctl enable" ends that.\n`,
    });
    await ok("enable", name(web1));
    await becomes("up 1", "up 1");
  });

  test("a damaged state file: started without it, kept aside, said loudly", async () => {
    await ok("drain", name(web1));
    daemon.signal("SIGKILL");
    await daemon.ended;
    const file = join(node.runDir, "overrides.json");
    writeFileSync(file, readFileSync(file, "utf8").slice(0, 20));
    daemon = await node.start();
    await becomes("up 1", "up 1");
    expect(daemon.log()).toMatch(/error +.*overrides\.json cannot be used/);
    expect(readFileSync(`${file}.corrupt`, "utf8")).toHaveLength(20);
  });
});
