import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../src/doctor/finding.ts";
import { type DirectorNode, directorNode } from "./lbctl.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

let guest: Guest;
let node: DirectorNode;

beforeAll(async () => {
  guest = await bootGuest({ modules: ["ip_vs", "veth", "dummy"] });
  await guest.sh(
    `ip netns add d1
     ip -n d1 link set lo up
     ip -n d1 link add sync0 type dummy
     ip -n d1 link set sync0 up
     ip -n d1 address add 192.0.2.11/24 dev sync0`,
  );
  node = directorNode(guest, "d1");
});
afterAll(() => guest?.close());

const sctp = {
  address: "192.0.2.200",
  port: 2905,
  protocol: "SCTP",
  lvs_sched: "rr",
  real_server: [{ address: "192.0.2.21", port: 2905, weight: 2, uthreshold: 100, lthreshold: 50 }],
};
const sctpTable = [
  "-A --sctp-service 192.0.2.200:2905 -s rr",
  "-a --sctp-service 192.0.2.200:2905 -r 192.0.2.21:2905 -m -w 2",
];
const globals = {
  reconcile_interval: "500ms",
  lvs_timeouts: "tcp 600 udp 45",
  lvs_sync_daemon: "sync0 id 7 maxlen 1200 port 8850 ttl 3 group 224.0.1.99",
};

describe("settings of IPVS as a whole, as ipvsadm shows them", () => {
  test("timeouts and sync daemons: set, kept, taken back by a reload; an SCTP service beside them", async () => {
    const timeouts = () => node.ipvsadm("-L --timeout");
    const daemons = () => node.ipvsadm("-L --daemon");
    const before = await timeouts();
    node.configure({ global_defs: globals, virtual_server: sctp });
    const daemon = await node.start();
    expect(await node.table()).toEqual(sctpTable);
    expect(await node.ipvsadm("-Ln --thresholds")).toMatch(/192\.0\.2\.21:2905 +100 +50/);
    expect(await timeouts()).toBe("Timeout (tcp tcpfin udp): 600 120 45\n");
    const running = await daemons();
    for (const role of ["master", "backup"]) {
      expect(running).toContain(
        `${role} sync daemon (mcast=sync0, syncid=7, maxlen=1200, group=224.0.1.99, port=8850, ttl=3)`,
      );
    }
    await node.ipvsadm("--set 5 6 7");
    await node.ipvsadm("--stop-daemon backup");
    await expect.poll(timeouts).toBe("Timeout (tcp tcpfin udp): 600 6 45\n");
    await expect.poll(daemons).toContain("backup sync daemon");
    await daemon.logged("lvs_sync_daemon backup stopped -> running on sync0 with id 7");

    node.configure({ virtual_server: sctp });
    await node.lbctl("reload");
    expect(await timeouts()).toBe(before.replace("120", "6"));
    expect(await daemons()).toBe("");
    await daemon.stop();
    expect(await node.table()).toEqual([""]);
  });

  test("a sync daemon that follows a vrrp_instance receives while this host is not its master; it ends with us", async () => {
    const file = join(guest.sharedDir, "sync.conf");
    const vrrp = `vrrp_instance VI_1 {
  state BACKUP
  interface sync0
  virtual_router_id 51
  priority 200
  advert_int 1
  virtual_ipaddress {
    192.0.2.200/24
  }
}`;
    writeFileSync(
      file,
      `global_defs {
  lvs_sync_daemon sync0 VI_1
}
${vrrp}
virtual_server 192.0.2.200 2905 {
  protocol SCTP
  lb_algo rr
  real_server 192.0.2.21 2905 {
    weight 2
    uthreshold 100
    lthreshold 50
  }
}
`,
    );
    const daemon = await node.start("-f", file);
    expect(await node.table()).toEqual(sctpTable);
    const daemons = () => node.ipvsadm("-L --daemon");
    // The id is the virtual_router_id, as nothing else is said.
    await daemon.logged("lvs_sync_daemon backup stopped -> running on sync0 with id 51");
    await daemon.logged("lvs_sync_daemon master stopped -> running on sync0 with id 51");
    expect(await daemons()).toMatch(/^master sync daemon .*syncid=51/);
    expect(await daemons()).not.toContain("backup sync daemon");
    await daemon.stop();
    expect(await daemons()).toBe("");
  });

  test("lvs_sync_daemon_interface, as in LVS-DR tutorials, also without a virtual_server; with -C nobody knows who is master", async () => {
    const file = join(guest.sharedDir, "tutorial.conf");
    const instance = `vrrp_instance VI_1 {
  state MASTER
  interface sync0
  lvs_sync_daemon_interface sync0
  virtual_router_id 52
  version 3
  advert_int 0.2
  priority 150
  virtual_ipaddress {
    192.0.2.200
  }
}
`;
    const daemons = async () => (await node.ipvsadm("-L --daemon")).trim().split("\n").sort().join();
    const service = `virtual_server 192.0.2.200 80 {
  delay_loop 6
  lb_algo rr
  lb_kind DR
  protocol TCP
  real_server 192.0.2.21 80 {
    weight 1
  }
}
`;
    writeFileSync(file, instance);
    const director = await node.start("-f", file);
    await director.logged("lvs_sync_daemon master stopped -> running on sync0 with id 52");
    expect(await daemons()).toMatch(/^master sync daemon .*mcast=sync0, syncid=52[^\n]*$/);
    writeFileSync(file, instance + service);
    await node.lbctl("reload");
    expect(await node.table()).toEqual(["-A -t 192.0.2.200:80 -s rr", "-a -t 192.0.2.200:80 -r 192.0.2.21:80 -g -w 1"]);
    await director.stop();
    expect(await daemons()).toBe("");

    const checker = await node.start("-f", file, "-C");
    await checker.logged("lvs_sync_daemon master stopped -> running on sync0 with id 52");
    await checker.logged("lvs_sync_daemon backup stopped -> running on sync0 with id 52");
    expect(await daemons()).toMatch(/^backup sync daemon .*,master sync daemon /);
    await checker.stop();
  });

  test("lvs_flush removes what others left, and lvs_flush_on_stop everything", async () => {
    const stray = "-A -t 192.0.2.99:80 -s rr";
    await node.ipvsadm(stray);
    node.configure({ virtual_server: sctp });
    const without = await node.start();
    expect(await node.table()).toEqual([...sctpTable, stray].sort());
    await without.stop();
    expect(await node.table()).toEqual([stray]);

    node.configure({ global_defs: { lvs_flush: true, lvs_flush_on_stop: null }, virtual_server: sctp });
    const flushing = await node.start();
    expect(await node.table()).toEqual(sctpTable);
    await node.ipvsadm(stray);
    await flushing.stop();
    expect(await node.table()).toEqual([""]);

    node.configure({ global_defs: { lvs_flush_on_stop: "VS" }, virtual_server: sctp });
    const ours = await node.start();
    await node.ipvsadm(stray);
    await ours.stop();
    expect(await node.table()).toEqual([stray]);
    await node.ipvsadm("-C");
  });

  test("net_namespace and net_namespace_ipvs: the table of the one that it is started in, and of another", async () => {
    await guest.sh("ip netns add other; ip -n other link set lo up");
    const elsewhere = async () => (await guest.sh("ipvsadm -Sn", { namespace: "other" })).trim().split("\n").sort();
    const start = async (globals: object) => {
      node.configure({ virtual_server: sctp, ...globals });
      return node.start();
    };
    const left = await start({ net_namespace: "other", net_namespace_ipvs: null });
    const { supervisor, checker } = await left.pids();
    const identity = await guest.sh("readlink /proc/self/ns/net", { namespace: "other" });
    for (const pid of [supervisor, checker]) expect(await guest.sh(`readlink /proc/${pid}/ns/net`)).toBe(identity);
    expect([await node.table(), await elsewhere()]).toEqual([sctpTable, [""]]);
    expect((await node.status()).virtual_servers[0]?.stats).toMatchObject({ connections: 0 });
    await left.stop();
    expect(await node.table()).toEqual([""]);

    const named = await start({ net_namespace_ipvs: "other" });
    expect([await node.table(), await elsewhere()]).toEqual([[""], sctpTable]);
    await named.stop();
    expect(await elsewhere()).toEqual([""]);
  });

  test("lbctl doctor: IPVS itself, its schedulers and its sysctls; the commands that it shows mend them", async () => {
    const services = ["wlc", "twos"].map((lvs_sched, index) => ({
      ...{ name: lvs_sched, address: "192.0.2.200", port: 80 + index, protocol: "TCP", lvs_sched, lvs_method: "DR" },
      ...{ persistence_timeout: 60, real_server: [{ address: "192.0.2.21", port: 80 }] },
    }));
    node.configure({ virtual_server: services });
    const doctor = async () => {
      const { stdout } = await node.lbctl("doctor", "-f", node.configFile, "--json", "--only", "modules,ipvs-settings");
      return (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;
    };
    const sh = (words: string) => guest.sh(words, { namespace: "d1" });
    // Nothing uses it: it can be taken out, and back.
    await sh("ipvsadm -C; modprobe -r ip_vs_wlc ip_vs_rr; modprobe -r ip_vs");
    const without = await doctor();
    expect(without.map(({ status, what }) => [status, what])).toEqual([
      ["ok", "ip_vs (every virtual server) is there, and loaded when it is needed"],
      ["ok", expect.stringMatching(/^ip_vs_wlc .* is there, and loaded when it is needed$/)],
      ["failure", expect.stringMatching(/^ip_vs_twos \(lvs_sched twos of twos\) is not in this kernel, \d/)],
      ...Array(3).fill(["unknown", expect.stringContaining("ip_vs is not loaded")]),
    ]);
    await sh("modprobe ip_vs");
    await sh("sysctl -qw net.ipv4.vs.expire_nodest_conn=0 net.ipv4.vs.expire_quiescent_template=0");
    const broken = (await doctor()).filter(({ check, status }) => check === "ipvs-settings" && status !== "ok");
    expect(broken.map(({ what }) => what)).toEqual([
      "net.ipv4.vs.expire_nodest_conn is 0",
      "net.ipv4.vs.expire_quiescent_template is 0",
    ]);
    for (const { fix } of broken) await sh(fix as string);
    expect((await doctor()).filter(({ status }) => status !== "ok").map(({ what }) => what.split(" ")[0])).toEqual([
      "ip_vs_twos",
    ]);
  });
});
