import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

let node: VrrpNode;
let peer: VrrpNode;

beforeEach(() => {
  [node, peer] = cabledNodes();
});
afterEach(() => Promise.all([node.close(), peer.close()]));

describe.skipIf(!canMakeNamespaces)("what VRRP watches", () => {
  test("files and processes count with their weights, and a reload changes which", async () => {
    const seconds = `${200_000 + process.pid}`;
    const config = (...files: string[]) => ({
      track_file: [{ name: "load", file: node.path("load"), init_file: "3" }],
      vrrp_track_process: [{ name: "sleep", process: ["sleep", seconds], weight: -20 }],
      vrrp_instance: [
        vrrpInstance("VI_1", { track_file: files.length > 0 ? files : undefined, track_process: ["sleep"] }),
      ],
    });
    node.configure(config("load weight -2"));
    node.start();
    await node.reaches("VI_1", "master");
    await node.hasPriority("VI_1", 74);
    const sleeper = spawn("sleep", [seconds], { stdio: "ignore" });
    await once(sleeper, "spawn");
    await node.hasPriority("VI_1", 94);
    writeFileSync(node.path("load"), "10\n");
    await node.hasPriority("VI_1", 80);
    expect((await node.instance("VI_1"))?.contributions).toMatchObject([
      { source: "file load", weight: -20, active: true },
      { source: "process sleep", weight: -20, active: false },
    ]);
    node.configure(config());
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await node.hasPriority("VI_1", 100);
    sleeper.kill("SIGKILL");
    await node.hasPriority("VI_1", 80);
  });

  test("what a reload removes is forgotten", async () => {
    const check = node.path("check");
    const script = (line: string) => writeFileSync(check, `#!/bin/sh\n${line}\n`, { mode: 0o700 });
    const config = (tracks: object, blocks: object = {}) => ({
      global_defs: { script_user: "root" },
      ...blocks,
      vrrp_instance: [vrrpInstance("VI_1", tracks)],
    });
    const blocks = {
      vrrp_script: [{ name: "check", script: check, interval: 1, timeout: 3600, fall: 1, weight: -30 }],
      vrrp_track_process: [{ name: "none", process: `none-${process.pid}`, weight: -5 }],
    };
    const tracks = { track_script: ["check"], track_process: ["none"] };
    script("exit 1");
    node.configure(config(tracks, blocks));
    node.start();
    await node.hasPriority("VI_1", 65);
    const reload = async (content: object) => {
      node.configure(content);
      expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    };
    await reload(config({}));
    await node.hasPriority("VI_1", 100);
    // It says nothing any more: what it said before it was removed does not count.
    script(`echo $$ >${node.path("pid")}; exec sleep 3600`);
    await reload(config(tracks, blocks));
    const pid = () => (existsSync(node.path("pid")) ? Number(readFileSync(node.path("pid"), "utf8")) : 0);
    await until("the script runs", () => pid() > 0);
    await node.hasPriority("VI_1", 95);
    expect((await node.instance("VI_1"))?.contributions).toMatchObject([
      { source: "script check", active: false },
      { source: "process none", active: true },
    ]);
    process.kill(pid(), "SIGKILL");
  });

  test("a file that is not zero, and a virtual server without its quorum, are faults", async () => {
    const watching = (name: string, virtualRouterId: number, ...lines: readonly string[]) =>
      vrrpInstance(name, {
        virtual_router_id: virtualRouterId,
        virtual_ipaddress: [`192.0.2.${virtualRouterId}/24`],
        track_virtual_server: lines,
      });
    const virtualServer = (name: string, port: number, more: object) => ({
      ...{ name, address: "192.0.2.100", port, protocol: "TCP", lb_kind: "NAT", delay_loop: 0.2, ...more },
      real_server: [{ address: "127.0.0.1", port: 8081, TCP_CHECK: { connect_timeout: 1, retry: 2 } }],
    });
    node.configure({
      track_file: [{ name: "maintenance", file: node.path("maintenance"), weight: 0 }],
      virtual_server: [virtualServer("web", 8080, {}), virtualServer("careful", 8082, { alpha: true })],
      vrrp_instance: [
        vrrpInstance("VI_1", { track_file: ["maintenance"] }),
        watching("VI_2", 52, "web"),
        watching("VI_3", 53, "web weight -20"),
        watching("VI_4", 54, "web weight 20 reverse"),
        watching("VI_5", 55, "web weight 0 reverse"),
        watching("VI_6", 56, "careful"),
      ],
    });
    const daemon = node.start();
    await node.reaches("VI_1", "master");
    await node.reaches("VI_2", "fault");
    expect((await node.instance("VI_2"))?.reason).toBe("virtual_server web is bad");
    // What docs/vrrp.md says of each line.
    await node.hasPriority("VI_3", 80);
    await node.hasPriority("VI_4", 100);
    await node.reaches("VI_5", "master");
    await node.reaches("VI_6", "fault");
    expect(daemon.log()).not.toMatch(/VI_6 \w+ -> master/);
    writeFileSync(node.path("maintenance"), "1");
    await node.reaches("VI_1", "fault");
    writeFileSync(node.path("maintenance"), "0");
    await node.reaches("VI_1", "master");
    const listen = "require('net').createServer().listen(8081, '127.0.0.1')";
    const server = spawn("ip", ["netns", "exec", node.namespace.name, process.execPath, "-e", listen]);
    try {
      await node.reaches("VI_2", "master");
      await node.hasPriority("VI_3", 100);
      await node.hasPriority("VI_4", 80);
      await node.reaches("VI_5", "fault");
      await node.reaches("VI_6", "master");
      expect((await node.lbctl("drain", "127.0.0.1:8081")).status).toBe(0);
      await node.reaches("VI_2", "fault");
      await node.hasPriority("VI_3", 80);
      expect((await node.lbctl("undrain", "127.0.0.1:8081")).status).toBe(0);
      await node.reaches("VI_2", "master");
    } finally {
      server.kill("SIGKILL");
    }
    await node.reaches("VI_2", "fault");
  });

  test("nobody waits for a virtual server that nobody checks", async () => {
    const real_server = [{ address: "127.0.0.1", port: 8081, TCP_CHECK: { connect_timeout: 1 } }];
    const web = { name: "web", address: "192.0.2.100", port: 8080, protocol: "TCP", alpha: true, real_server };
    node.configure({ virtual_server: [web], vrrp_instance: [vrrpInstance("VI_1", { track_virtual_server: ["web"] })] });
    node.start("--vrrp");
    await node.reaches("VI_1", "master");
  });

  test("a static route that is gone and cannot come back is a fault for its track_group", async () => {
    const { namespace } = node;
    namespace.ip("link add uplink type veth peer name far");
    namespace.ip("link set far up");
    namespace.ip("link set uplink up");
    namespace.ip("address add 198.51.100.1/24 dev uplink");
    const route = "10.9.0.0/16 via 198.51.100.2 dev uplink track_group uplinks";
    node.configure({
      static_routes: [route],
      static_ipaddress: ["203.0.113.7/32 dev late track_group late"],
      track_group: [
        { name: "uplinks", group: ["VI_1"] },
        { name: "late", group: ["VI_2"] },
      ],
      vrrp_instance: [
        vrrpInstance("VI_1"),
        vrrpInstance("VI_2", { virtual_router_id: 52, virtual_ipaddress: ["192.0.2.101/24"] }),
      ],
    });
    node.start();
    await node.reaches("VI_1", "master");
    await node.reaches("VI_2", "fault");
    const there = () => namespace.ip("route show 10.9.0.0/16").includes("via 198.51.100.2");
    expect(there()).toBe(true);
    // What can be put back is, and is no fault.
    namespace.ip("route delete 10.9.0.0/16");
    await until("the route is back", there);
    await node.reaches("VI_1", "master");
    namespace.ip("link set uplink down");
    await node.reaches("VI_1", "fault");
    expect((await node.instance("VI_1"))?.reason).toContain("track_group uplinks");
    expect(namespace.ip("address show dev eth0")).not.toContain("192.0.2.100");
    namespace.ip("link set uplink up");
    await node.reaches("VI_1", "master");
    namespace.ip("link add late type veth peer name later");
    namespace.ip("link set late up");
    await node.reaches("VI_2", "master");
    // Without its group the route is put back all the same, and concerns nobody.
    node.configure({
      static_routes: ["10.9.0.0/16 via 198.51.100.2 dev uplink"],
      vrrp_instance: [vrrpInstance("VI_1")],
    });
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    namespace.ip("link set uplink down");
    await until("the route is gone", () => !there());
    await node.reaches("VI_1", "master");
  });
});
