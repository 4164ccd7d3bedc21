import { type ChildProcess, spawn } from "node:child_process";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "./lbctl.ts";
import { VrrpNode } from "./vrrp-nodes.ts";

let node: VrrpNode;
let server: ChildProcess | null = null;

beforeEach(() => {
  node = new VrrpNode();
  node.namespace.ip("link add eth0 type veth peer name peer0");
  node.namespace.ip("link set eth0 up");
  // The user-space data plane listens on the address, also where it is not: IPVS would not mind.
  node.namespace.run("sysctl", "-qw", "net.ipv4.ip_nonlocal_bind=1");
});
afterEach(async () => {
  server?.kill("SIGKILL");
  await node.close();
});

describe.skipIf(!canMakeNamespaces)("ha_suspend", () => {
  test("no checks while the address of the service is elsewhere; what was known stays known", async () => {
    const service = (name: string, port: number, keywords: object, timeout: number) => ({
      name,
      ...{ address: "192.0.2.100", port, protocol: "TCP", lb_kind: "NAT", delay_loop: 0.2 },
      real_server: [{ address: "127.0.0.1", port: 8081, TCP_CHECK: { connect_timeout: timeout, retry: 0, warmup: 0 } }],
      ...keywords,
    });
    // Of the same real server, and always checked: when its state follows, the other's would have.
    node.configure({
      // What tells it of addresses has the buffer that is asked for: the kernel doubles it (socket(7)).
      global_defs: { lvs_netlink_monitor_rcv_bufs: 70_000_000, lvs_netlink_monitor_rcv_bufs_force: true },
      virtual_server: [service("suspended", 8000, { ha_suspend: true }, 5), service("control", 8001, {}, 6)],
    });
    const daemon = node.start();
    const states = async () => {
      const servers = (await node.status().catch(() => null))?.virtual_servers ?? [];
      return Object.fromEntries(servers.map(({ name, real_servers }) => [name, real_servers[0]?.state]));
    };
    const reaches = (wanted: object) =>
      until(
        JSON.stringify(wanted),
        async () => {
          const now = await states();
          return Object.entries(wanted).every(([name, state]) => now[name] === state);
        },
        () => daemon.log(),
      );
    await reaches({ control: "down" });
    expect((await states()).suspended).not.toBe("down");
    expect(daemon.log()).toContain("virtual_server suspended: checks are suspended");
    expect(node.namespace.run("ss", "-A", "netlink", "-am")).toContain("rb140000000,");
    node.namespace.ip("address add 192.0.2.100/32 dev eth0");
    await reaches({ suspended: "down" });

    node.namespace.ip("address delete 192.0.2.100/32 dev eth0");
    await until("it is suspended again", () => daemon.log().split("checks are suspended").length === 3);
    const listen = "require('net').createServer().listen(8081, '127.0.0.1')";
    server = spawn("ip", ["netns", "exec", node.namespace.name, process.execPath, "-e", listen]);
    await reaches({ control: "up" });
    expect((await states()).suspended).toBe("down");
    node.namespace.ip("address add 192.0.2.100/32 dev eth0");
    await reaches({ suspended: "up" });
    // Without the keyword an address that goes changes nothing.
    node.configure({ virtual_server: [service("suspended", 8000, {}, 5)] });
    node.namespace.ip("address delete 192.0.2.100/32 dev eth0");
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    server.kill("SIGKILL");
    await reaches({ suspended: "down" });
  });
});
