import { canMakeNamespaces, makeNamespace } from "ipvs-netlink/testing";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "./lbctl.ts";
import { hmac, startPair, upgraded } from "./upgrade-peers.ts";
import { cabledNodes, VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

/** All of these take four seconds to find out that nobody is there: a machine that stands still for two is not noticed. */
const bfd = { min_tx: 200, min_rx: 200, multiplier: 20 };

describe.skipIf(!canMakeNamespaces)("an upgrade in place", () => {
  let nodes: readonly VrrpNode[] = [];
  afterEach(async () => {
    for (const node of nodes) await node.close();
  });

  test("is noticed by no peer: signed adverts are taken, BFD sessions stay up, of a master and of a backup", async () => {
    const [master, backup] = cabledNodes();
    nodes = [master, backup];
    await startPair([master, backup], { advert_int: 1, ...hmac }, bfd);
    const known = async (node: VrrpNode) => {
      const { bfd_instances: sessions, vrrp_instances: instances } = await node.status();
      const [session, instance] = [sessions[0], instances[0]];
      const { advertisements_sent: _, advertisements_received: __, ...counters } = instance?.counters ?? {};
      return {
        session: [session?.state, session?.discriminator, session?.counters.came_up, session?.counters.went_down],
        instance: [instance?.state, instance?.master?.priority, counters],
      };
    };
    const before = [await known(master), await known(backup)];
    for (const node of [master, backup, master]) await upgraded(node);
    // Three more adverts, and BFD for longer than its detection time.
    const received = async () => (await backup.instance("VI_1"))?.counters.advertisements_received ?? 0;
    const heard = await received();
    await until("adverts are still taken", async () => (await received()) >= heard + 5);
    expect([await known(master), await known(backup)]).toEqual(before);
  });

  test("stays in the network namespace of the configuration, with all that it made there", async () => {
    const node = new VrrpNode();
    nodes = [node];
    const other = makeNamespace();
    try {
      other.ip("link add eth0 type veth peer name peer0");
      other.ip("address add 192.0.2.1/24 dev eth0");
      for (const name of ["eth0", "peer0"]) other.ip(`link set ${name} up`);
      const vmac = vrrpInstance("VI_2", {
        ...{ virtual_router_id: 52, advert_int: 1, use_vmac: true, accept: false },
        virtual_ipaddress: ["192.0.2.101/24"],
      });
      node.configure({
        net_namespace: other.name,
        vrrp_instance: [vrrpInstance("VI_1", { advert_int: 1 }), vmac],
      });
      const daemon = node.startOnKernel();
      for (const name of ["VI_1", "VI_2"]) await node.reaches(name, "master");
      const made = () => [other.ip("-4 -brief address show"), other.run("nft", "--stateless", "list", "ruleset")];
      const before = made();
      expect(before.join()).toMatch(/192\.0\.2\.100\/24[\s\S]*192\.0\.2\.101/);
      for (let time = 0; time < 2; time++) await upgraded(node);
      expect(made()).toEqual(before);
      for (const name of ["VI_1", "VI_2"]) expect((await node.instance(name))?.state).toBe("master");
      expect(daemon.log()).not.toMatch(/master -> /);
      await daemon.stop();
      expect(made().join()).not.toMatch(/192\.0\.2\.10|vrrp|table/);
    } finally {
      await node.close();
      nodes = [];
      other.delete();
    }
  });
});
