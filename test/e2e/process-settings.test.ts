import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Daemon, until } from "./lbctl.ts";
import { nameOf, scheduling, statusOf } from "./process-table.ts";
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
  vrrp_instance: [vrrpInstance("VI_1")],
  virtual_server: [
    { address: "192.0.2.100", port: 80, protocol: "TCP", real_server: [{ address: "10.0.0.1", port: 80 }] },
  ],
});

/** Starts both children and waits until they run. */
async function start(global_defs: object, ...options: readonly string[]): Promise<void> {
  node.configure(config(global_defs));
  daemon = node.start(...options);
  await node.reaches("VI_1", "master");
  await daemon.logged(/ready: /);
}

async function reload(global_defs: object): Promise<void> {
  node.configure(config(global_defs));
  expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
}

const processes = () => [daemon.pid, daemon.child("vrrp"), daemon.child("checker")] as const;

describe.skipIf(!canMakeNamespaces)("how the processes run", () => {
  test("the checker process is as global_defs says, and a reload changes it", async () => {
    await start({ checker_priority: -5, checker_rt_priority: 20, checker_cpu_affinity: "0", checker_no_swap: true });
    const [, vrrp, checker] = processes();
    await expect.poll(() => scheduling(checker)[0]).toEqual({ nice: -5, priority: 20, policy: 2 });
    await expect.poll(() => statusOf(checker, "Cpus_allowed_list")).toBe("0");
    await expect.poll(() => Number.parseInt(statusOf(checker, "VmLck"), 10)).toBeGreaterThan(0);
    // Its own settings, not everybody's.
    expect(scheduling(vrrp)[0]).toMatchObject({ priority: 0, policy: 0 });
    expect(daemon.log()).not.toContain("runs without");
    await reload({ checker_priority: 3 });
    await until("the threads are as others", () =>
      scheduling(checker).every(({ nice, policy }) => nice === 3 && policy === 0),
    );
    await expect.poll(() => Number.parseInt(statusOf(checker, "VmLck"), 10)).toBe(0);
  });

  test("names: each process lbctl, or its role with process_names, or its own; a pid file knows it again", async () => {
    await start({});
    expect(processes().map(nameOf)).toEqual(["lbctl", "lbctl", "lbctl"]);
    await reload({ process_names: true, checker_process_name: "probes" });
    await until("they have their names", () => processes().map(nameOf).join() === "lbctl,lbctl_vrrp,probes");
    await reload({ process_name: "ha" });
    await until("they have other names", () => processes().map(nameOf).join() === "ha,lbctl,lbctl");
    const second = node.start();
    const { status, stderr } = await second.ended;
    expect(status).toBe(1);
    expect(stderr).toContain(`lbctl already runs as process ${daemon.pid}`);
  });

  test("a process that runs late raises its priority, up to max_auto_priority", async () => {
    // Every timer is a microsecond late.
    await start({ max_auto_priority: 3, min_auto_priority_delay: 1 });
    const [, vrrp, checker] = processes();
    for (const pid of [vrrp, checker]) {
      await until("it has got to the limit", () => scheduling(pid)[0]?.priority === 3);
      expect(scheduling(pid)[0]).toMatchObject({ policy: 2, priority: 3 });
    }
    await daemon.logged(/the checker process ran \d+ ms late: it runs at real-time priority 1 now/);
    await reload({});
    await until("it is as others", () => scheduling(checker).every(({ policy }) => policy === 0));
  });

  test("umask: 022, or what the configuration says, or what the command line says", async () => {
    await start({});
    expect(processes().map((pid) => statusOf(pid, "Umask"))).toEqual(["0022", "0022", "0022"]);
    await reload({ umask: "IWGRP | IRWXO" });
    expect(statusOf(daemon.pid, "Umask")).toBe("0027");
    await daemon.stop();
    await start({ umask: "IWGRP | IRWXO" });
    expect(processes().map((pid) => statusOf(pid, "Umask"))).toEqual(["0027", "0027", "0027"]);
    await daemon.stop();
    await start({ umask: "IWGRP | IRWXO" }, "--umask", "077");
    await reload({ umask: "0" });
    expect(processes().map((pid) => statusOf(pid, "Umask"))).toEqual(["0077", "0077", "0077"]);
  });

  test("netlink sockets of the VRRP process have the buffers that it was given", async () => {
    await start({
      vrrp_netlink_cmd_rcv_bufs: 100_000,
      vrrp_netlink_monitor_rcv_bufs: 90_000_000,
      vrrp_netlink_monitor_rcv_bufs_force: true,
    });
    // The kernel doubles what it is asked for (socket(7)).
    const sockets = node.namespace.run("ss", "-A", "netlink", "-am");
    expect(sockets).toContain("rb200000,");
    expect(sockets).toContain("rb180000000,");
  });
});
