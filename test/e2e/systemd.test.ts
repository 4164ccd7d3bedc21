import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NotifySocket } from "../../src/supervisor/testing/notify-socket.ts";
import { type Daemon, until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

let node: VrrpNode;
let peer: VrrpNode;
let systemd: NotifySocket;
let directory: string;

beforeEach(() => {
  [node, peer] = cabledNodes();
  directory = mkdtempSync(join(tmpdir(), "lbctl-systemd-"));
  systemd = new NotifySocket(join(directory, "notify"));
});
afterEach(async () => {
  await Promise.all([node.close(), peer.close()]);
  systemd.close();
  rmSync(directory, { recursive: true });
});

const config = (global_defs: object) => ({
  global_defs,
  vrrp_instance: [vrrpInstance("VI_1")],
  virtual_server: [
    { address: "192.0.2.100", port: 80, protocol: "TCP", real_server: [{ address: "10.0.0.1", port: 80 }] },
  ],
});

const told = (message: string | RegExp) =>
  until(
    `systemd is told ${message}`,
    () => systemd.messages.some((each) => (typeof message === "string" ? each === message : message.test(each))),
    () => systemd.messages.join("\n"),
  );

describe.skipIf(!canMakeNamespaces)("as a service of systemd", () => {
  test("it tells start, reload and end, and feeds the watchdog while its processes answer", async () => {
    node.configure(config({}));
    const daemon: Daemon = node.startWith({ NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: "1000000" });
    await told("READY=1");
    await daemon.logged(/ready: /);
    await told(/^STATUS=configuration 1: 1 virtual server; VRRP: 1 master$/);
    await told("WATCHDOG=1");
    // Others are not the service.
    for (const role of ["vrrp", "checker"] as const) {
      expect(daemon.environment(daemon.child(role))).not.toContain("NOTIFY_SOCKET");
    }
    const before = systemd.messages.length;
    node.configure(config({ router_id: "second" }));
    expect((await node.lbctl("reload")).status).toBe(0);
    await told(/^STATUS=configuration 2: /);
    await until("the reload is over", () => systemd.messages.slice(before).includes("READY=1"));
    const since = systemd.messages.slice(before).filter((each) => /^(RELOADING|READY)/.test(each));
    expect(since).toEqual([expect.stringMatching(/^RELOADING=1\nMONOTONIC_USEC=\d+$/), "READY=1"]);
    // Refused, and ready all the same.
    node.configure(config({ routr_id: "x" }));
    expect((await node.lbctl("reload")).status).toBe(3);
    await until(
      "ready again",
      () => systemd.count("READY=1") >= 3,
      () => systemd.messages.join("\n"),
    );
    await daemon.stop();
    await told("STOPPING=1");
  });
});
