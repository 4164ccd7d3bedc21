import { existsSync, readFileSync, statSync } from "node:fs";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signalNumbers } from "../../src/supervisor/program/signal-numbers.ts";
import { childrenOf, type Daemon, lbctl, runs, until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

let node: VrrpNode;
let peer: VrrpNode;
let daemon: Daemon;

beforeEach(() => {
  [node, peer] = cabledNodes();
});
afterEach(() => Promise.all([node.close(), peer.close()]));

const config = (global_defs: object) => ({
  global_defs,
  SSL: { password: "Zebra42" },
  // How often it became master is counted: once, also on a machine that stands still for a moment.
  vrrp_instance: [vrrpInstance("VI_1", { advert_int: 1 })],
  virtual_server: [
    {
      address: "192.0.2.100",
      port: 80,
      protocol: "TCP",
      real_server: [{ address: "10.0.0.1", port: 80, SSL_GET: { url: { path: "/" } } }],
    },
  ],
});

async function start(global_defs: object, ...options: readonly string[]): Promise<void> {
  node.configure(config(global_defs));
  daemon = node.start(...options);
  await node.reaches("VI_1", "master");
  await daemon.logged(/ready: /);
}

/** Sends the signal of that name to every process of ours as `pkill` does, and reads what is dumped. */
async function dumped(
  name: keyof typeof signalNumbers,
  file: string,
): Promise<{ readonly text: string; readonly document: never }> {
  for (const pid of [daemon.pid, ...childrenOf(daemon.pid)]) process.kill(pid, signalNumbers[name]);
  await until(
    `${file} is there`,
    () => existsSync(file),
    () => daemon.log(),
  );
  const text = readFileSync(file, "utf8");
  return { text, document: JSON.parse(text) as never };
}

describe.skipIf(!canMakeNamespaces)("dumps", () => {
  test("a file for each signal in the run directory, complete and without passwords; nobody dies of them", async () => {
    await start({ router_id: "here" });
    const family = [daemon.pid, ...childrenOf(daemon.pid)];
    const state = await dumped("DATA", `${node.runDir}/lbctl.data`);
    expect(state.document).toMatchObject({
      status: { daemon: { pid: daemon.pid, router_id: "here" }, vrrp_instances: [{ name: "VI_1", state: "master" }] },
      configuration: {
        model: { virtualServers: [{ realServers: [{ destination: { address: "10.0.0.1" } }] }] },
        vrrp: { instances: [{ name: "VI_1" }] },
      },
    });
    const stats = await dumped("STATS", `${node.runDir}/lbctl.stats`);
    expect(stats.document).toMatchObject({
      vrrp_instances: [{ name: "VI_1", counters: { become_master: 1 } }],
      virtual_servers: [{ name: "TCP 192.0.2.100:80", real_servers: [{ address: "10.0.0.1", port: 80 }] }],
    });
    const json = await dumped("JSON", `${node.runDir}/lbctl.json`);
    expect(json.document).toMatchObject([
      {
        data: { iname: "VI_1", state: 2, vips: ["192.0.2.100/24 dev eth0 scope global set"] },
        stats: { become_master: 1 },
      },
    ]);
    for (const { text } of [state, stats, json]) expect(text).not.toContain("Zebra42");
    expect(statSync(`${node.runDir}/lbctl.json`).mode & 0o777).toBe(0o644);
    expect(family.every(runs)).toBe(true);
  });

  test("where the configuration says, with the umask and the layout that it says; counters begin again", async () => {
    const files = { state_dump_file: node.path("s"), stats_dump_file: node.path("c"), json_dump_file: node.path("j") };
    await start({ ...files, json_version: 2, umask: "077" });
    expect((await dumped("JSON", files.json_dump_file)).document).toMatchObject({
      vrrp: [{ data: { iname: "VI_1" } }],
      track_process: [],
    });
    expect(statSync(files.json_dump_file).mode & 0o777).toBe(0o600);
    expect((await dumped("STATS_CLEAR", files.stats_dump_file)).document).toMatchObject({
      vrrp_instances: [{ counters: { become_master: 1 } }],
    });
    await until("it counts from zero", async () => (await node.instance("VI_1"))?.counters.become_master === 0);
  });

  test("a place that cannot be written is said, and nothing else happens", async () => {
    await start({ state_dump_file: node.path("missing/file") });
    daemon.signal("SIGUSR1");
    await daemon.logged(/error +cannot dump the state to .*missing\/file: ENOENT/);
    expect((await node.status()).vrrp_instances).toMatchObject([{ state: "master" }]);
  });

  test("-d logs the configuration, now and after a reload", async () => {
    await start({}, "-d");
    expect(daemon.log()).toMatch(/notice +configuration: vrrp_instance VI_1 \{"name":"VI_1"/);
    expect(daemon.log()).toMatch(/configuration: virtual_server TCP 192\.0\.2\.100:80 \{/);
    expect(daemon.log()).not.toContain("Zebra42");
    node.configure(config({ router_id: "Quagga7" }));
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await daemon.logged(/configuration: global_defs \{"routerId":"Quagga7"/);
  });
});

test("--signum knows keepalived's names, and no others", async () => {
  expect((await lbctl(["run", "--signum=STATS_CLEAR"])).stdout).toBe("63\n");
  const unknown = await lbctl(["run", "--signum=FOO"]);
  expect(unknown).toMatchObject({ status: 2, stdout: "" });
  expect(unknown.stderr).toContain('not "FOO"');
});
