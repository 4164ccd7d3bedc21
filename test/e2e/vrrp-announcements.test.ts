import { setTimeout as sleep } from "node:timers/promises";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { hearArp } from "./hear-arp.ts";
import { until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

interface Lab {
  readonly node: VrrpNode;
  readonly peer: VrrpNode;
  /** What the peer heard, in its order. */
  readonly heard: readonly string[];
  readonly times: (address: string) => number;
  hears(address: string, times: number): Promise<void>;
  addresses(): string;
}

async function inLab(play: (lab: Lab) => Promise<void>): Promise<void> {
  const [node, peer] = cabledNodes();
  const { heard, close } = hearArp(peer);
  const times = (address: string) => heard.filter((each) => each === address).length;
  try {
    await play({
      ...{ node, peer, heard, times },
      hears: (address, count) =>
        until(
          `${address} is announced ${count} times`,
          () => times(address) >= count,
          () => heard.join(" "),
        ),
      addresses: () => node.namespace.ip("address show dev eth0"),
    });
  } finally {
    close();
    await Promise.all([node.close(), peer.close()]);
  }
}

/** One that announces once when it becomes master. */
const instance = (keywords: object) => ({
  vrrp_instance: [vrrpInstance("VI_1", { advert_int: 1, garp_master_repeat: 1, garp_master_delay: 0, ...keywords })],
});

describe.skipIf(!canMakeNamespaces)("a master announces", () => {
  test.concurrent("what a reload brings beside its adverts, and no more what it takes away", () =>
    inLab(async ({ node, heard, hears, addresses }) => {
      const excluded = (...lines: readonly string[]) =>
        node.configure(instance({ garp_master_refresh: 1, virtual_ipaddress_excluded: lines }));
      excluded("192.0.2.101/24");
      node.start();
      await hears("192.0.2.101", 2);
      excluded("192.0.2.102/24");
      expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
      await hears("192.0.2.102", 3);
      expect(heard.slice(heard.indexOf("192.0.2.102"))).not.toContain("192.0.2.101");
      expect(addresses()).not.toContain("192.0.2.101");
    }));

  test.concurrent("what is put back after somebody took it away; no_track stays away until it is master again", () =>
    inLab(async ({ node, peer, times, hears, addresses }) => {
      node.configure(instance({ virtual_ipaddress: ["192.0.2.100/24", "192.0.2.101/24 no_track"] }));
      const daemon = node.start();
      await hears("192.0.2.101", 1);
      await node.reaches("VI_1", "master");

      node.namespace.ip("address del 192.0.2.101/24 dev eth0");
      await daemon.logged(/VI_1: address 192\.0\.2\.101\/24 dev eth0 was taken away by somebody else and stays away/);
      const before = times("192.0.2.100");
      node.namespace.ip("address del 192.0.2.100/24 dev eth0");
      await hears("192.0.2.100", before + 1);
      expect(addresses()).toContain("192.0.2.100/24");
      expect(addresses()).not.toContain("192.0.2.101/24");

      peer.namespace.ip("link set eth0 down");
      await node.reaches("VI_1", "fault");
      peer.namespace.ip("link set eth0 up");
      await node.reaches("VI_1", "master");
      const both = ["192.0.2.100/24", "192.0.2.101/24"];
      await until("both are there", () => both.every((address) => addresses().includes(address)));
    }));

  test.concurrent("again after it was not run for so long that others could have taken over", () =>
    inLab(async ({ node, times, hears }) => {
      node.configure(instance({ advert_int: 0.1 }));
      const daemon = node.start();
      await node.reaches("VI_1", "master");
      await hears("192.0.2.100", 1);
      const before = times("192.0.2.100");
      const pid = daemon.child("vrrp");
      process.kill(pid, "SIGSTOP");
      await sleep(1_000).finally(() => process.kill(pid, "SIGCONT"));
      await hears("192.0.2.100", before + 1);
      await daemon.logged(/VI_1: nobody took over within .*, it stays master/);
    }));
});
