import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
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

  test("a file that is not zero, and a virtual server without its quorum, are faults", async () => {
    node.configure({
      track_file: [{ name: "maintenance", file: node.path("maintenance"), weight: 0 }],
      virtual_server: [
        {
          name: "web",
          ...{ address: "192.0.2.100", port: 8080, protocol: "TCP", lb_kind: "NAT", delay_loop: 0.2 },
          real_server: [{ address: "127.0.0.1", port: 8081, TCP_CHECK: { connect_timeout: 1 } }],
        },
      ],
      vrrp_instance: [
        vrrpInstance("VI_1", { track_file: ["maintenance"] }),
        vrrpInstance("VI_2", {
          virtual_router_id: 52,
          virtual_ipaddress: ["192.0.2.101/24"],
          track_virtual_server: ["web"],
        }),
      ],
    });
    node.start();
    await node.reaches("VI_1", "master");
    await node.reaches("VI_2", "fault");
    expect((await node.instance("VI_2"))?.reason).toContain("web");
    writeFileSync(node.path("maintenance"), "1");
    await node.reaches("VI_1", "fault");
    writeFileSync(node.path("maintenance"), "0");
    await node.reaches("VI_1", "master");
    const listen = "require('net').createServer().listen(8081, '127.0.0.1')";
    const server = spawn("ip", ["netns", "exec", node.namespace.name, process.execPath, "-e", listen]);
    try {
      await node.reaches("VI_2", "master");
    } finally {
      server.kill("SIGKILL");
    }
    await node.reaches("VI_2", "fault");
  });
});
