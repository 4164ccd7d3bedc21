import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RtnetlinkClient } from "ipvs-netlink";
import { addVethPair, canMakeNamespaces, makeNamespace, type Namespace } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { noContext, readConfig, understand } from "../../src/config/parse-config.ts";
import type { VrrpModel } from "../../src/config/vrrp-model.ts";
import { MemoryRecord } from "../../src/director/testing/memory-records.ts";
import { nftProgram } from "../../src/nft/nft-program.ts";
import { AddressOwner } from "../../src/vrrp/addresses/address-owner.ts";
import { holdingsOf } from "../../src/vrrp/addresses/holdings-of.ts";
import { kernelNetwork } from "../../src/vrrp/addresses/kernel-network.ts";
import type { OwnershipRecord } from "../../src/vrrp/addresses/ownership-record.ts";
import { closedAddresses } from "../../src/vrrp/firewall/closed-addresses.ts";
import { Firewall } from "../../src/vrrp/firewall/firewall.ts";
import { LinkOwner } from "../../src/vrrp/links/link-owner.ts";
import type { LinkRecord } from "../../src/vrrp/links/link-record.ts";
import { planLinks } from "../../src/vrrp/links/planned-link.ts";
import { namespaceSysctls } from "../../src/vrrp/links/testing/namespace-sysctls.ts";

const config = `
static_ipaddress {
  198.51.100.1/24 dev eth0
}
static_routes {
  10.5.0.0/16 via 192.0.2.4
}
static_rules {
  from 10.5.0.0/16 table 5
}
vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 200
  advert_int 1
  virtual_ipaddress {
    192.0.2.50
    192.0.2.60/24 label eth0:vip brd 192.0.2.255
    192.0.2.61/32 scope link
    192.0.2.62 dev peer0
  }
  virtual_ipaddress_excluded {
    2001:db8::5
    2001:db8::6/64
    2001:db8::7 preferred_lft forever
    192.0.2.70/25 noprefixroute
  }
  virtual_routes {
    10.9.0.0/16 via 192.0.2.3
    10.10.0.0/16 dev eth0 scope link
    src 192.0.2.50 to 10.11.0.0/16 via 192.0.2.3 dev eth0 metric 7
    blackhole 10.8.0.0/16
    unreachable 10.7.0.0/16 table 77
    10.12.0.0/16 nexthop via 192.0.2.3 weight 3 nexthop via 192.0.2.4 weight 2
    10.13.0.0/16 via 192.0.2.3 mtu 1400 advmss 1300 initcwnd 20
    2001:db8:9::/48 via fe80::9 dev eth0
    default via 192.0.2.9 table 100
  }
  virtual_rules {
    from 10.9.0.0/16 table 7
    to 10.10.0.0/16 iif eth0 table 8 priority 900
    from 2001:db8:9::/48 table 7
    fwmark 24 table 100
  }
}
`;

const vmacConfig = `
vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 200
  use_vmac
  no_accept
  virtual_ipaddress {
    192.0.2.50
    192.0.2.60/24
  }
}
`;

/** The router is 192.0.2.1 of either; what is set must look the same, but for who set it. */
describe.skipIf(!canMakeNamespaces)("a file makes what keepalived makes of it", () => {
  let theirs: Namespace;
  let ours: Namespace;
  let runDir: string;

  beforeEach(async () => {
    [theirs, ours] = [makeNamespace(), makeNamespace()];
    for (const namespace of [theirs, ours]) {
      addVethPair(namespace, "eth0", "peer0");
      namespace.ip("addr add 192.0.2.1/24 dev eth0");
      namespace.ip("addr add fe80::1/64 dev eth0 nodad");
    }
    runDir = await mkdtemp(join(tmpdir(), "lbctl-interop-"));
  });
  afterEach(async () => {
    theirs.delete();
    ours.delete();
    await rm(runDir, { recursive: true });
  });

  const ownMark = (text: string) => text.replace(/"protocol":"?(keepalived|118)"?/g, '"protocol":"*"');
  const sorted = (list: readonly unknown[]) => list.map((each) => ownMark(JSON.stringify(each))).sort();
  const seen = (namespace: Namespace) => ({
    addresses: ["eth0", "peer0"].flatMap((name) =>
      sorted((namespace.ipJson(`addr show dev ${name}`)[0]?.addr_info ?? []) as unknown[]),
    ),
    // Those that the kernel makes of addresses it makes a moment later.
    routes: sorted(namespace.ipJson("route show table all").filter(({ protocol }) => protocol !== "kernel")),
    rules: sorted([...namespace.ipJson("rule show"), ...namespace.ipJson("-6 rule show")]),
  });

  /** Runs keepalived with a file in its namespace, until it shows what is waited for, while `look` looks. */
  async function besideKeepalived(text: string, ready: () => unknown, look: () => Promise<void>): Promise<void> {
    const file = join(runDir, "keepalived.conf");
    await writeFile(file, text);
    const words = ["-P", "-n", "-l", "-f", file, "-p", join(runDir, "pid"), "-r", join(runDir, "vrrp.pid")];
    const keepalived = spawn("ip", ["netns", "exec", theirs.name, "keepalived", ...words], { stdio: "ignore" });
    try {
      await expect.poll(ready).toBe(true);
      await look();
    } finally {
      keepalived.kill("SIGTERM");
      await once(keepalived, "exit");
    }
  }

  const understood = (text: string): VrrpModel => {
    const { vrrp } = understand(readConfig(text, "keepalived.conf", noContext), "keepalived.conf");
    if (vrrp === null) throw new Error("the file was not understood");
    return vrrp;
  };
  const addressOwner = () =>
    new AddressOwner({
      network: kernelNetwork(ours.path),
      record: new MemoryRecord<OwnershipRecord>("addresses.json"),
      clock: { now: () => ({ monotonicMs: performance.now(), epochMs: 0 }), setTimer: () => () => {} },
      onEvents: (events) => expect(events).toEqual([]),
    });

  test("addresses, routes and rules, static and virtual", async () => {
    const isReady = () =>
      theirs.ip("addr show dev eth0").includes("2001:db8::7") && theirs.ip("rule show").includes("10.9.0.0");
    await besideKeepalived(config, isReady, async () => {
      const vrrp = understood(config);
      const owner = addressOwner();
      const holdings = holdingsOf(vrrp, planLinks(vrrp.instances, vrrp.globals));
      const before = seen(ours);
      await owner.configure(holdings);
      for (const { holder } of holdings) owner.take(holder);
      owner.check();
      expect(seen(ours)).toEqual(seen(theirs));
      await owner.stop({ keep: false });
      expect(seen(ours)).toEqual(before);
    });
  });

  test("a VMAC with its sysctls, and no_accept", async () => {
    for (const namespace of [theirs, ours]) namespace.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1");
    const text = vmacConfig;
    const hasVip = () => theirs.ip("addr show").includes("192.0.2.50");
    await besideKeepalived(text, hasVip, async () => {
      const vrrp = understood(text);
      const plan = planLinks(vrrp.instances, vrrp.globals);
      const links = [...plan.values()].flatMap((each) => each.links);
      const client = RtnetlinkClient.open({ netns: ours.path });
      const linkOwner = new LinkOwner({
        client,
        sysctls: namespaceSysctls(ours),
        record: new MemoryRecord<LinkRecord>("links.json"),
        onEvents: (events) => expect(events.map(({ type }) => type)).toEqual(["link_made"]),
      });
      await linkOwner.configure(links);
      const owner = addressOwner();
      await owner.configure(holdingsOf(vrrp, plan));
      owner.take("VI_1");
      const nft = nftProgram(["ip", "netns", "exec", ours.name]);
      const firewall = new Firewall(nft, (event) => expect(event).toBeNull());
      const vmacs = links.map(({ name, base }) => ({ name, base }));
      await firewall.configure(
        { closed: closedAddresses(vrrp.instances, plan, () => null), vmacs },
        vrrp.globals.firewall,
      );

      const made = (namespace: Namespace) => {
        const [{ ifname, link, address, mtu, linkinfo, inet6_addr_gen_mode: mode } = {}] =
          namespace.ipJson("link show vrrp.51");
        const [{ addr_info: addresses } = {}] = namespace.ipJson("addr show vrrp.51");
        const sysctls = ["vrrp.51", "eth0", "peer0", "all", "default"].flatMap((name) =>
          ["accept_local", "arp_filter", "arp_ignore", "rp_filter"].map((each) =>
            namespaceSysctls(namespace).read(`ipv4/conf/${name}/${each}`),
          ),
        );
        return { ifname, link, address, mtu, linkinfo, mode, addresses, sysctls };
      };
      expect(made(ours)).toEqual(made(theirs));
      const drops = (namespace: Namespace) =>
        namespace.run("nft", "list", "ruleset").match(/elements = .*|ip [sd]addr .* drop/g);
      expect(drops(ours)?.sort()).toEqual(expect.arrayContaining(["ip daddr @vips drop", "ip saddr @vips drop"]));
      expect(drops(theirs)).toEqual(expect.arrayContaining(["ip daddr @vips drop", "ip saddr @vips drop"]));
      await owner.stop({ keep: false });
      await linkOwner.stop({ keep: false });
      await firewall.stop();
      client.close();
      expect(ours.ip("link show")).not.toContain("vrrp.51");
      expect(ours.run("nft", "list", "ruleset")).toBe("");
      expect(namespaceSysctls(ours).read("ipv4/conf/all/rp_filter")).toBe("1");
    });
  });
});
