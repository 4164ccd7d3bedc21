import { readFileSync } from "node:fs";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { childrenOf, Daemon, program, start, until } from "./lbctl.ts";
import { scheduling, statusOf } from "./process-table.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

let node: VrrpNode;
let peer: VrrpNode;

beforeEach(() => {
  [node, peer] = cabledNodes();
});
afterEach(() => Promise.all([node.close(), peer.close()]));

describe.skipIf(!canMakeNamespaces)("how the VRRP process runs", () => {
  test("is as global_defs says, and a reload changes it", async () => {
    const config = (global_defs: object) => ({
      global_defs,
      // One that stands still for two seconds goes on as master.
      vrrp_instance: [vrrpInstance("VI_1", { advert_int: 1 })],
    });
    node.configure(config({ vrrp_priority: -5, vrrp_rt_priority: 20, vrrp_cpu_affinity: "0", vrrp_no_swap: true }));
    const daemon = node.start();
    await node.reaches("VI_1", "master");
    const vrrp = childrenOf(daemon.pid).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("lbctl: vrrp"),
    );
    if (vrrp === undefined) throw new Error(daemon.log());
    // Threads that come later, for files, are ordinary ones.
    expect(scheduling(vrrp)[0]).toEqual({ nice: -5, priority: 20, policy: 2 });
    expect(scheduling(vrrp).filter(({ policy }) => policy === 2).length).toBeGreaterThan(1);
    expect(statusOf(vrrp, "Cpus_allowed_list")).toBe("0");
    expect(Number.parseInt(statusOf(vrrp, "VmLck"), 10)).toBeGreaterThan(0);
    expect(daemon.log()).not.toContain("runs without");
    node.configure(config({ vrrp_priority: 3 }));
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await until("the threads are as others", () =>
      scheduling(vrrp).every(({ nice, policy }) => nice === 3 && policy === 0),
    );
    await node.reaches("VI_1", "master");

    // A failover to nobody leaves it where it is.
    expect(await node.lbctl("failover", "VI_1")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/nobody took VI_1 over within .*; it is master as before/),
    });
    expect(daemon.log()).toContain("nobody took over within");
    expect(await node.lbctl("failover", "VI_1", "--no-wait")).toMatchObject({ status: 0 });
    const { status, stdout } = await node.lbctl("failover", "VI_1", "--json");
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 1, outcome: "nobody_took_over", master: null });
    expect(daemon.log()).not.toContain("VI_1 master ->");
  });

  test("without CAP_NET_RAW a start, and a reload that needs it, are refused and say what to do", async () => {
    const words = [
      "run",
      "-f",
      node.configFile,
      "--log",
      "console",
      "--dataplane",
      "userspace",
      "--run-dir",
      node.runDir,
    ];
    const powerless = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", program, ...words];
    const inside = ["netns", "exec", node.namespace.name, ...powerless];
    const why = "not permitted to send VRRP adverts: CAP_NET_RAW is missing";
    node.configure({ vrrp_instance: [vrrpInstance("VI_1")] });
    const refused = await start("ip", inside).ended;
    expect(refused).toMatchObject({ status: 6, stderr: expect.stringContaining(why) });
    expect(refused.stderr).toContain("Run as root or with CAP_NET_RAW");
    node.configure({});
    const daemon = new Daemon(start("ip", inside));
    try {
      await daemon.logged(/ runs as process /);
      node.configure({ vrrp_instance: [vrrpInstance("VI_1")] });
      expect(await node.lbctl("reload")).toMatchObject({ stderr: expect.stringContaining(why) });
      expect((await node.status()).daemon.vrrp).toBe("off");
    } finally {
      await daemon.stop();
    }
  });

  test("its filter rules come back when somebody flushes them, and follow VMACs that come later", async () => {
    const vmac = vrrpInstance("VI_2", {
      ...{ interface: "late0", virtual_router_id: 52, use_vmac: "vrrp.52" },
      virtual_ipaddress: ["198.51.100.100/24"],
    });
    node.configure({
      global_defs: { dynamic_interfaces: "allow_if_changes" },
      vrrp_instance: [vrrpInstance("VI_1", { no_accept: true }), vmac],
    });
    node.start();
    await node.reaches("VI_1", "master");
    const rules = () => node.namespace.run("nft", "list", "ruleset");
    await until("the rules are there", () => rules().includes("192.0.2.100"), rules);
    expect(rules()).not.toContain("vrrp.52");
    node.namespace.run("nft", "flush", "ruleset");
    await until("the rules are back", () => rules().includes("192.0.2.100"), rules);
    node.namespace.ip("link add name late0 type veth peer name late1");
    node.namespace.ip("address add 198.51.100.1/24 dev late0");
    for (const name of ["late1", "late0"]) node.namespace.ip(`link set ${name} up`);
    await node.reaches("VI_2", "master");
    await until("the VMAC has its rules", () => rules().includes("vrrp.52"), rules);
  });
});
