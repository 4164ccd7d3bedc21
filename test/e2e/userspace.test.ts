import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PlanResult, ReloadResult } from "../../src/control/api.ts";
import type { StatusDocument } from "../../src/control/status-document.ts";
import { freePort } from "../../src/demo/free-port.ts";
import { type Daemon, DirectorNode, lbctl, until } from "./lbctl.ts";
import { realServer, virtualServer } from "./virtual-server.ts";
import { ask, share, underLoad, WebServer } from "./web-servers.ts";

const node = new DirectorNode();
let web1: WebServer;
let web2: WebServer;
let port: number;
let daemon: Daemon;

const web = (keywords: Readonly<Record<string, unknown>> = {}) => virtualServer("web", port, [web1, web2], keywords);

/** Configures these, and has the daemon take them. */
async function apply(...virtual_server: readonly object[]): Promise<ReloadResult> {
  node.configure({ virtual_server });
  const { status, stdout, stderr } = await node.lbctl("reload", "--json");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

/** Decided, and in the table too: what is decided is carried out a moment later. */
const allUp = () =>
  until("every real server is up", async () => {
    const real = (await node.status()).virtual_servers.flatMap(({ real_servers }) => real_servers);
    return real.every(({ state, connections }) => state === "up" && connections !== null);
  });

beforeAll(async () => {
  [web1, web2] = await Promise.all([WebServer.start("web1"), WebServer.start("web2")]);
  port = await freePort();
  node.configure({ virtual_server: [web()] });
  daemon = await node.start();
  await allUp();
});
afterAll(async () => {
  await node.close();
  await Promise.all([web1?.stop(), web2?.stop()]);
});

describe("traffic and health", () => {
  test("requests are shared out, and status counts them", async () => {
    expect(await share(port, 10)).toEqual({ web1: 5, web2: 5 });
    // Several watchers share one reading of the counters, which may be from just before.
    const counted = async () => (await node.status()).virtual_servers[0]?.stats?.connections ?? 0;
    await until("the connections are counted", async () => (await counted()) >= 10);
    const { status, stdout } = await node.lbctl("status", "--json");
    expect(status).toBe(0);
    const document: StatusDocument = JSON.parse(stdout);
    expect(document).toMatchObject({ version: 1, generation: 1, dataplane: "userspace", vrrp_instances: [] });
    const [service] = document.virtual_servers;
    expect(service).toMatchObject({ name: "web", address: "127.0.0.1", port, state: "up", refused: [] });
    expect(service?.stats?.connections).toBe(10);
    expect(service?.real_servers).toMatchObject([
      { port: web1.port, health: "up", state: "up", effective_weight: 1, reason: "all checks pass" },
      { port: web2.port, health: "up", state: "up", effective_weight: 1, reason: "all checks pass" },
    ]);
    expect(service?.real_servers[0]?.checks).toMatchObject([{ type: "HTTP_GET", state: "up" }]);
  });

  test("a server that answers wrongly leaves with its reason, without a failed request, and returns", async () => {
    await underLoad(port, async () => {
      web2.answerWith(503);
      await daemon.logged(/real_server web 127\.0\.0\.1:\d+ up -> down after .*: HTTP_GET .*status 503, wanted 200/);
    });
    expect(await share(port, 6)).toEqual({ web1: 6 });
    const { stdout } = await node.lbctl("status");
    expect(stdout).toMatch(new RegExp(`127\\.0\\.0\\.1:${web2.port}\\s+down\\s+0 of 1 .*status 503, wanted 200`));
    expect(stdout).not.toContain("\u001b");
    web2.answerWith(200);
    await allUp();
    expect(await share(port, 6)).toEqual({ web1: 3, web2: 3 });
  });

  test("without a real server that is up the quorum is lost, and the sorry server answers", async () => {
    const sorry = await WebServer.start("sorry");
    await apply(web({ sorry_server: { address: "127.0.0.1", port: sorry.port } }));
    await Promise.all([web1.stop(), web2.stop()]);
    await daemon.logged(/quorum web met -> lost/);
    await until("the sorry server answers", async () => (await ask(port).catch(() => "")) === "sorry");
    const [service] = (await node.status()).virtual_servers;
    expect(service).toMatchObject({ state: "down", quorum: { met: false }, sorry_server: { in_service: true } });
    expect(service?.real_servers[0]?.reason).toContain("connect refused");
    await Promise.all([web1.resume(), web2.resume()]);
    await allUp();
    expect(await share(port, 4)).toEqual({ web1: 2, web2: 2 });
    await apply(web());
    await sorry.stop();
  });
});

describe("plan and reload", () => {
  test("plan shows what is found and wanted and writes nothing; reload does it; then nothing is left to do", async () => {
    const changed = { ...web({ lvs_sched: "wrr" }), real_server: [realServer(web1, { weight: 3 }), realServer(web2)] };
    node.configure({ virtual_server: [changed] });
    const service = `TCP 127.0.0.1:${port}`;
    const planned = await node.lbctl("plan");
    expect(planned).toEqual({
      status: 0,
      stderr: "",
      stdout:
        `~ ${service}  scheduler rr -> wrr\n` +
        `~ ${service} -> 127.0.0.1:${web1.port}  weight 1 -> 3\n` +
        '2 operations. Apply them with "lbctl reload".\n',
    });
    expect(await share(port, 4)).toEqual({ web1: 2, web2: 2 });

    const reloaded = await node.lbctl("reload");
    expect(reloaded).toMatchObject({ status: 0, stderr: "" });
    expect(reloaded.stdout).toMatch(
      /^Configuration \d+ \(.*lbctl\.yaml\) is in force after .*: 1 set-service, 1 set-destination\.\n$/,
    );
    expect(await share(port, 8)).toEqual({ web1: 6, web2: 2 });
    const { stdout } = await node.lbctl("plan", "--json");
    expect((JSON.parse(stdout) as PlanResult).operations).toEqual([]);
    expect((await node.lbctl("plan")).stdout).toBe(`No change: the table is what ${node.configFile} asks for.\n`);
    await apply(web());
  });

  test("plan takes another file, and one of a removal says what goes", async () => {
    const other = `${node.directory}/other.yaml`;
    writeFileSync(other, JSON.stringify({ virtual_server: [virtualServer("web", port, [web1])] }));
    const { status, stdout } = await node.lbctl("plan", "-f", other);
    expect(status).toBe(0);
    expect(stdout).toBe(
      `- TCP 127.0.0.1:${port} -> 127.0.0.1:${web2.port}  weight 1, method NAT\n` +
        '1 operation. Apply it with "lbctl reload".\n',
    );
    const before = daemon.log().length;
    const missing = await node.lbctl("plan", "-f", `${node.directory}/absent.yaml`);
    expect(missing.status).toBe(4);
    expect(missing.stderr).toContain("error[file-not-found]");
    // Who asks gets the answer; the log is for what happens to the director.
    expect(daemon.log().slice(before)).not.toMatch(/absent|file-not-found|plan/);
  });

  test("a broken file is refused by validate, plan and reload alike; the old state serves on, and status says so", async () => {
    const { generation } = await node.status();
    writeFileSync(node.configFile, `virtual_server:\n  - adress: 127.0.0.1\n    port: ${port}\n`);
    await underLoad(port, async () => {
      const validated = await lbctl(["validate", "-f", node.configFile]);
      for (const { status, stdout, stderr } of [validated, await node.lbctl("plan"), await node.lbctl("reload")]) {
        expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
        expect(stderr).toContain(`${node.configFile}:2:5: error[unknown-keyword]`);
      }
      const asJson = await node.lbctl("reload", "--json");
      expect(asJson).toMatchObject({ status: 3, stderr: "" });
      expect(JSON.parse(asJson.stdout).error).toMatchObject({
        code: "config-invalid",
        diagnostics: expect.arrayContaining([expect.objectContaining({ code: "unknown-keyword", line: 2 })]),
      });
      const document = await node.status();
      expect(document.generation).toBe(generation);
      expect(document.daemon.reload_refused?.reason).toContain('"adress"');
      expect((await node.lbctl("status")).stdout).toContain("the configuration before it is in force");
    });
    expect(await share(port, 4)).toEqual({ web1: 2, web2: 2 });
    await apply(web());
    expect((await node.status()).daemon.reload_refused).toBeNull();
  });

  test("SIGHUP reloads", async () => {
    node.configure({ virtual_server: [web({ lvs_sched: "wlc" })] });
    daemon.signal("SIGHUP");
    await daemon.logged(/SIGHUP: reloading[\s\S]*reload: configuration \d+ is in force: 1 set-service/);
    expect((await node.status()).virtual_servers[0]?.lvs_sched).toBe("wlc");
    await apply(web());
  });
});

describe("what the user-space data plane cannot hold is refused by name, and stops nothing else", () => {
  test.each([
    { keywords: { lvs_method: "DR" }, cause: "forwarding method DR is not supported, only NAT" },
    { keywords: { lvs_sched: "mh" }, cause: 'scheduler "mh" is not supported, only rr, wrr, lc, wlc, sh' },
    { keywords: { persistence_timeout: 60 }, cause: "persistence is not supported: leave persistence_timeout out" },
  ])("$keywords", async ({ keywords, cause }) => {
    const otherPort = await freePort();
    // A method that leaves the port alone asks for the same one.
    const server = { address: "127.0.0.1", port: otherPort, weight: 1 };
    const other = { ...virtualServer("other", otherPort, [], keywords), real_server: server };
    node.configure({ virtual_server: [other, web()] });
    const { status, stdout, stderr } = await node.lbctl("reload");
    expect(status).toBe(1);
    expect(stdout).toContain("is in force");
    expect(stderr).toContain("refused: ");
    expect(stderr).toContain(cause);
    const { virtual_servers } = await node.status();
    expect(virtual_servers.map(({ refused }) => refused)).toEqual([
      [{ object: expect.stringContaining(`TCP 127.0.0.1:${otherPort}`), cause: expect.stringContaining(cause) }],
      [],
    ]);
    expect((await node.lbctl("status")).stdout).toContain(cause);
    await until(
      "the log has it, too",
      () => daemon.log().includes(cause),
      () => daemon.log(),
    );
    expect(await share(port, 4)).toEqual({ web1: 2, web2: 2 });
    await apply(web());
  });

  test("a port that another program has: refused with its cause, tried again, taken when it is free", async () => {
    const otherPort = await freePort();
    const squatter = createServer().listen(otherPort, "127.0.0.1");
    node.configure({ virtual_server: [web(), virtualServer("late", otherPort, [web1])] });
    const { status, stderr } = await node.lbctl("reload");
    expect(status).toBe(1);
    expect(stderr).toMatch(/refused: .*EADDRINUSE: another program has this port/);
    expect((await node.status()).virtual_servers[1]?.refused).toHaveLength(1);
    await new Promise((resolve) => squatter.close(resolve));
    await until("the port is taken", async () => (await ask(otherPort).catch(() => "")) === "web1");
    await daemon.logged(/refused -> settled after/);
    await until("nothing is refused", async () => (await node.status()).virtual_servers[1]?.refused.length === 0);
    await apply(web());
  });
});
