import { canMakeNamespaces, makeNamespace } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hearArp } from "./hear-arp.ts";
import { until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

let node: VrrpNode;
let peer: VrrpNode;

beforeEach(() => {
  [node, peer] = cabledNodes();
});
afterEach(() => Promise.all([node.close(), peer.close()]));

describe.skipIf(!canMakeNamespaces)("what VRRP does on interfaces beside its own", () => {
  test("garp_extra_if announces the first address of an interface again and again", async () => {
    node.namespace.ip(`link add eth1 type veth peer name eth1 netns ${peer.namespace.name}`);
    node.namespace.ip("link set eth1 up");
    peer.namespace.ip("link set eth1 up");
    const arp = hearArp(peer);
    node.configure({
      global_defs: { vrrp_garp_extra_if: "all 1", vrrp_garp_master_delay: 0, vrrp_garp_master_repeat: 1 },
      vrrp_instance: [
        // Announced once: nothing makes it master again.
        vrrpInstance("VI_1", {
          advert_int: 1,
          virtual_ipaddress: ["192.0.2.100/24", "198.51.100.10/24 dev eth1", "198.51.100.11/24 dev eth1"],
        }),
      ],
    });
    node.start();
    await node.reaches("VI_1", "master");
    const times = (address: string) => arp.heard.filter((each) => each === address).length;
    await until("three announcements", () => times("198.51.100.10") >= 3);
    expect(times("192.0.2.100")).toBe(1);
    expect(times("198.51.100.11")).toBe(1);
    arp.close();
  });

  test("an interface that is taken away and given back, with its number, while nobody looks: adverts are heard on it", async () => {
    const elsewhere = makeNamespace();
    const instance = (priority: number) => ({ vrrp_instance: [vrrpInstance("VI_1", { priority })] });
    node.configure(instance(100));
    peer.configure(instance(200));
    const daemon = node.start();
    await node.reaches("VI_1", "master");
    peer.start();
    await node.reaches("VI_1", "backup");
    const { namespace } = node;
    const eth0 = () => namespace.ip("-o link show dev eth0").split(":", 2).join();
    const before = eth0();
    process.kill(daemon.child("vrrp"), "SIGSTOP");
    try {
      namespace.ip(`link set eth0 netns ${elsewhere.name}`);
      elsewhere.ip(`link set eth0 netns ${namespace.name}`);
      namespace.ip("address add 192.0.2.1/24 dev eth0");
      namespace.ip("link set eth0 up");
      expect(eth0()).toBe(before);
      expect(namespace.ip("maddress show dev eth0")).not.toContain("224.0.0.18");
    } finally {
      process.kill(daemon.child("vrrp"), "SIGCONT");
      elsewhere.delete();
    }
    await until("it is a member again", () => namespace.ip("maddress show dev eth0").includes("224.0.0.18"));
    await node.reaches("VI_1", "backup");
  });

  test("a link that is asked for, reports that are off, secondaries that stay: in force, and over with the configuration", async () => {
    const value = (path: string) => node.namespace.run("sysctl", "-n", path).trim();
    const igmp = "net.ipv4.igmp_link_local_mcast_reports";
    const promote = "net.ipv4.conf.eth0.promote_secondaries";
    node.namespace.run("sysctl", "-qw", `${promote}=0`);
    node.configure({
      linkbeat_use_polling: true,
      global_defs: { disable_local_igmp: true },
      vrrp_instance: [
        vrrpInstance("VI_1", {
          promote_secondaries: true,
          virtual_ipaddress: ["192.0.2.100/24", "198.51.100.10/24", "198.51.100.11/24"],
        }),
      ],
    });
    const daemon = node.start();
    await node.reaches("VI_1", "master");
    await until("they are in force", () => value(igmp) + value(promote) === "01");
    peer.namespace.ip("link set eth0 down");
    await node.reaches("VI_1", "fault");
    peer.namespace.ip("link set eth0 up");
    await node.reaches("VI_1", "master");
    // The kernel would take the second along with the first.
    const fewer = { virtual_ipaddress: ["192.0.2.100/24", "198.51.100.11/24"] };
    node.configure({ vrrp_instance: [vrrpInstance("VI_1", { ...fewer, promote_secondaries: true })] });
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await node.reaches("VI_1", "master");
    await until("the address is there", () => node.namespace.ip("address show dev eth0").includes("198.51.100.11"));
    expect(daemon.log()).not.toContain("198.51.100.11/24 dev eth0 was taken away");
    await until("one is over", () => value(igmp) + value(promote) === "11");
    node.configure({ vrrp_instance: [vrrpInstance("VI_1", fewer)] });
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await until("both are over", () => value(igmp) + value(promote) === "10");
  });
});
