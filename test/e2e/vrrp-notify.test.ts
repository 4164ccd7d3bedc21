import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "./lbctl.ts";
import { fifoLines } from "./page.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

let node: VrrpNode;
let peer: VrrpNode;

beforeEach(() => {
  [node, peer] = cabledNodes();
});
afterEach(() => Promise.all([node.close(), peer.close()]));

const lines = (name: string): string[] =>
  existsSync(node.path(name)) ? readFileSync(node.path(name), "utf8").split("\n").filter(Boolean) : [];

/** The command line of a script that appends its arguments to `calls`. */
function note(...words: readonly string[]): string {
  writeFileSync(node.path("note"), `#!/bin/sh\necho "$*" >> ${node.path("calls")}\n`, { mode: 0o755 });
  return [node.path("note"), ...words].join(" ");
}

const scripts = () => ({
  notify_master: note("master", "extra", "'arg two'"),
  notify_backup: note("backup"),
  notify_fault: note("fault"),
  notify_stop: note("stop"),
  notify: note("any"),
});

describe.skipIf(!canMakeNamespaces)("what scripts and FIFOs are told of VRRP", () => {
  // In the order in which keepalived 2.2.7 was seen to run them.
  test("from the start over a fault and another priority to the end", async () => {
    const reader = node.path("reader");
    writeFileSync(reader, `#!/bin/sh\nexec cat "$1" >> ${node.path("fifo-lines")}\n`, { mode: 0o755 });
    const config = (priority: number) => ({
      global_defs: {
        script_user: "root",
        vrrp_notify_fifo: node.path("fifo"),
        vrrp_notify_fifo_script: reader,
        vrrp_notify_priority_changes: true,
        fifo_write_vrrp_states_on_reload: true,
      },
      vrrp_sync_group: [{ name: "G", group: ["VI_1"], notify: note("any") }],
      // What it is told is compared to the letter: no stall of this machine makes it backup meanwhile.
      vrrp_instance: [vrrpInstance("VI_1", { advert_int: 1, priority, ...scripts() })],
    });
    node.configure(config(100));
    const daemon = node.start();
    // Each script, for of those that still wait in a target only the last one is started when lbctl ends.
    const told = async (state: string, times: number) => {
      const group = `any GROUP G ${state} 0`;
      const instance = new RegExp(`^any INSTANCE VI_1 ${state} `);
      const seen = () => [
        lines("calls").filter((line) => line === group),
        lines("calls").filter((l) => instance.test(l)),
      ];
      await until(
        `${state} is told ${times} times`,
        () => seen().every(({ length }) => length === times),
        () => [...lines("calls"), daemon.log()].join("\n"),
      );
    };
    await told("MASTER", 1);
    node.namespace.ip("link set eth0 down");
    await told("FAULT", 1);
    node.namespace.ip("link set eth0 up");
    await told("MASTER", 2);
    node.configure(config(120));
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    const inFifo = (line: string) =>
      until(`the FIFO had ${line}`, () => lines("fifo-lines").includes(line), daemon.log);
    await inFifo('INSTANCE "VI_1" MASTER_PRIORITY 120');
    await daemon.stop();
    await told("STOP", 1);
    await inFifo('GROUP "G" STOP 0');
    expect(lines("calls").filter((line) => line.startsWith("any GROUP"))).toEqual(
      ["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER", "STOP"].map((state) => `any GROUP G ${state} 0`),
    );
    const ofInstance = (state: string, priority: number) => [
      state === "MASTER" ? "master extra arg two" : state.toLowerCase(),
      `any INSTANCE VI_1 ${state} ${priority}`,
    ];
    expect(lines("calls").filter((line) => !line.startsWith("any GROUP"))).toEqual([
      ...["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER"].flatMap((state) => ofInstance(state, 100)),
      ...ofInstance("STOP", 120),
    ]);
    const ofVrrp = fifoLines().filter((line) => !/^[RV]S /.test(line));
    expect(ofVrrp).toHaveLength(2);
    expect(lines("fifo-lines")).toEqual(expect.arrayContaining(ofVrrp));
    const both = (state: string, priority: number) => [`INSTANCE "VI_1" ${state} ${priority}`, `GROUP "G" ${state} 0`];
    expect(lines("fifo-lines")).toEqual([
      ...both("BACKUP", 100).toReversed(),
      ...["MASTER", "FAULT", "BACKUP", "MASTER"].flatMap((state) => both(state, 100)),
      'INSTANCE "VI_1" MASTER_PRIORITY 120',
      ...both("MASTER", 120),
      ...both("STOP", 120),
    ]);
  });

  test("a master that hears an inferior one, and an instance that is dropped", async () => {
    const other = vrrpInstance("VI_2", { virtual_router_id: 52, virtual_ipaddress: ["192.0.2.101/24"] });
    const keywords = {
      notify_master_rx_lower_pri: note("lower"),
      notify_deleted: note("deleted"),
      notify: note("any"),
    };
    node.configure({
      global_defs: { script_user: "root" },
      vrrp_instance: [vrrpInstance("VI_1", { ...keywords, priority: 200 }), other],
    });
    node.start();
    await node.reaches("VI_1", "master");
    // While the cable is out, the peer becomes master, too.
    peer.configure({ vrrp_instance: [vrrpInstance("VI_1")] });
    peer.namespace.run("nft", "add table netdev t");
    peer.namespace.run(
      "nft",
      "add chain netdev t in { type filter hook ingress device eth0 priority 0; policy drop; }",
    );
    peer.start();
    await peer.reaches("VI_1", "master");
    await until("the script for it runs", () => lines("calls").includes("lower"));
    node.configure({ global_defs: { script_user: "root" }, vrrp_instance: [other] });
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await until("its end is told", () => lines("calls").includes("any INSTANCE VI_1 DELETED 200"));
    expect(lines("calls").slice(-2)).toEqual(["deleted", "any INSTANCE VI_1 DELETED 200"]);
  });
});
