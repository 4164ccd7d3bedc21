import { canMakeNamespaces, makeNamespace, type Namespace } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Nft, NftError } from "../../nft/nft.ts";
import { nftProgram } from "../../nft/nft-program.ts";
import { Firewall, type FirewallEvent } from "./firewall.ts";
import { type FirewallNeeds, removalText, rulesetText } from "./ruleset.ts";

const settings = { table: "lbctl", priority: -1, counters: false, ifindex: false, outbound: true };
const needs: FirewallNeeds = {
  closed: [
    { address: "192.0.2.50", interface: "eth0", index: null },
    { address: "2001:db8::50", interface: "eth0", index: null },
    { address: "fe80::50", interface: "eth0", index: null },
  ],
  vmacs: [],
};
const none: FirewallNeeds = { closed: [], vmacs: [] };

describe.skipIf(!canMakeNamespaces)("the firewall, with nft and packets as witnesses", () => {
  let here: Namespace;
  let peer: Namespace;
  let events: FirewallEvent[];
  let firewall: Firewall;

  beforeEach(() => {
    here = makeNamespace();
    peer = makeNamespace();
    here.ip(`link add name eth0 type veth peer name eth0 netns ${peer.name}`);
    for (const [namespace, host] of [
      [here, 1],
      [peer, 2],
    ] as const) {
      namespace.ip("link set eth0 up");
      namespace.ip(`addr add 192.0.2.${host}/24 dev eth0`);
      namespace.ip(`addr add 2001:db8::${host}/64 dev eth0 nodad`);
    }
    for (const address of ["192.0.2.50/32", "192.0.2.51/32"]) here.ip(`addr add ${address} dev eth0`);
    for (const address of ["2001:db8::50/64", "2001:db8::51/64", "fe80::50/64", "fe80::51/64"]) {
      here.ip(`addr add ${address} dev eth0 nodad`);
    }
    events = [];
    firewall = new Firewall(nftProgram(["ip", "netns", "exec", here.name]), (event) => events.push(event));
  });
  afterEach(() => {
    here.delete();
    peer.delete();
  });

  const listed = () => here.run("nft", "--stateless", "list", "ruleset");
  const answers = (address: string) => {
    const word = address.includes(":") ? ["ping", "-6"] : ["ping"];
    try {
      peer.run("busybox", ...word, "-c", "1", "-W", "1", address);
      return true;
    } catch {
      return false;
    }
  };

  test("packets to closed addresses are dropped, others and neighbour discovery are not", async () => {
    expect(answers("192.0.2.50")).toBe(true);
    await firewall.configure(needs, settings);
    expect(events).toEqual([]);
    expect(answers("192.0.2.50")).toBe(false);
    expect(answers("192.0.2.51")).toBe(true);
    expect(answers("2001:db8::50")).toBe(false);
    expect(peer.ipJson("-6 neigh show 2001:db8::50")[0]?.lladdr).toBeTypeOf("string");
    expect(answers("2001:db8::51")).toBe(true);
    expect(answers("fe80::50%eth0")).toBe(false);
    expect(answers("fe80::51%eth0")).toBe(true);
    await firewall.stop();
    expect(listed()).toBe("");
    expect(answers("192.0.2.50")).toBe(true);
  });

  test("only what comes in is dropped where nothing else is asked for", async () => {
    const send = () => {
      try {
        return here.run("busybox", "ping", "-c", "1", "-W", "1", "-I", "192.0.2.50", "192.0.2.2");
      } catch (error) {
        return String((error as { stderr: string }).stderr);
      }
    };
    await firewall.configure(needs, settings);
    expect(send()).toContain("Operation not permitted");
    await firewall.configure(needs, { ...settings, outbound: false });
    expect(send()).not.toContain("Operation not permitted");
    expect(listed()).not.toContain("saddr");
    expect(answers("192.0.2.50")).toBe(false);
    expect(answers("2001:db8::50")).toBe(false);
  });

  test("link-local addresses by the index of their interface; one that is missing is left out", async () => {
    const index = here.ipJson("link show eth0")[0]?.ifindex as number;
    const local = (address: string, at: number | null) => ({ address, interface: "eth0", index: at });
    const closed = [local("fe80::50", index), local("fe80::99", null)];
    await firewall.configure({ closed, vmacs: [] }, { ...settings, ifindex: true });
    expect(events).toEqual([]);
    expect(answers("fe80::50%eth0")).toBe(false);
    expect(answers("fe80::51%eth0")).toBe(true);
    expect(listed()).toContain("ip6 daddr . iif @link_local_vips drop");
  });

  test("memberships of VMACs are told below, and routers are not asked for through them", async () => {
    const vmacs = [{ name: "vrrp.51", base: "eth0" }];
    here.ip("link add link eth0 name vrrp.51 address 00:00:5e:00:01:33 type macvlan mode private");
    here.ip("link set vrrp.51 up");
    await firewall.configure({ closed: [], vmacs }, { ...settings, counters: true });
    expect(events).toEqual([]);
    expect(listed()).toContain("ip protocol igmp oif @vmacs dup to ip daddr device oif map @bases counter");
    expect(listed()).toContain("icmpv6 type nd-router-solicit oif @vmacs counter");
    expect(listed()).not.toContain("vips");
  });

  test("a change is one transaction; what others have in nftables stays", async () => {
    here.run("nft", "add table ip keepalived");
    here.run("nft", "add table inet filter");
    await firewall.configure(needs, settings);
    await firewall.configure({ ...needs, closed: needs.closed.slice(0, 1) }, settings);
    expect(listed()).toContain("elements = { 192.0.2.50 }");
    expect(listed()).not.toContain("table ip6 lbctl");
    await firewall.configure(needs, { ...settings, table: "other" });
    expect(listed()).not.toContain("lbctl");
    expect(listed()).toContain("table ip6 other");
    await firewall.configure(none, { ...settings, table: "other" });
    expect(listed().match(/table \S+ \S+/g)).toEqual(["table ip keepalived", "table inet filter"]);
  });

  test("after somebody flushed the ruleset, a look puts it back; where all is well, a look does nothing", async () => {
    await firewall.configure(needs, settings);
    const before = listed();
    await firewall.check(needs);
    expect(events).toEqual([]);
    here.run("nft", "flush ruleset");
    await firewall.check(needs);
    expect(events).toEqual([{ type: "firewall_restored", table: "lbctl" }]);
    expect(listed()).toBe(before);
  });

  test("a table that a crash left is replaced, or removed when nothing needs it", async () => {
    await firewall.configure(needs, settings);
    const successor = new Firewall(nftProgram(["ip", "netns", "exec", here.name]), (event) => events.push(event));
    await successor.configure(none, settings);
    expect(listed()).toBe("");
  });

  test("what nft refuses is told once", async () => {
    const wrong = {
      closed: [{ address: "fe80::1", interface: "a name that is far too long", index: null }],
      vmacs: [],
    };
    await firewall.configure(wrong, settings);
    await firewall.check(wrong);
    expect(events).toEqual([{ type: "firewall_refused", table: "lbctl", message: expect.stringContaining("Error") }]);
  });
});

describe("without nftables", () => {
  const absent: Nft = () => Promise.reject(new NftError("absent", "the program nft is missing: install nftables"));

  test("who needs none gets along", async () => {
    const events: FirewallEvent[] = [];
    const firewall = new Firewall(absent, (event) => events.push(event));
    await firewall.configure(none, settings);
    await firewall.check(none);
    await firewall.stop();
    expect(events).toEqual([]);
  });

  test("who needs it is told", async () => {
    const events: FirewallEvent[] = [];
    const firewall = new Firewall(absent, (event) => events.push(event));
    await firewall.configure(needs, settings);
    expect(events).toMatchObject([
      { type: "firewall_refused", message: "the program nft is missing: install nftables" },
    ]);
  });

  test("the program itself, where there is none", async () => {
    await expect(nftProgram(["/nonexistent/program"])(["list"], "")).rejects.toMatchObject({ code: "absent" });
  });

  test("nothing needed: it is looked once what a crash left, not again for another configuration, and not after a predecessor", async () => {
    const runs: string[] = [];
    const counting: Nft = async (words) => {
      runs.push(words.join(" "));
      return "";
    };
    const [first, successor] = [new Firewall(counting, () => {}), new Firewall(counting, () => {})];
    await first.configure(none, settings);
    const looks = runs.length;
    expect(looks).toBeGreaterThan(0);
    await first.configure(none, settings);
    successor.inherit(none, settings);
    await successor.check(none);
    await successor.configure(none, settings);
    await successor.stop();
    expect(runs).toHaveLength(looks);
  });

  test("what a predecessor kept is written once more by the next look, and gone after the stop", async () => {
    const inputs: string[] = [];
    const writes: Nft = async (words, input) => {
      if (words[0] === "-f") inputs.push(input);
      return "";
    };
    const events: FirewallEvent[] = [];
    const successor = new Firewall(writes, (event) => events.push(event));
    successor.inherit(needs, settings);
    expect(inputs).toEqual([]);
    await successor.check(needs);
    expect(inputs).toEqual([rulesetText(needs, settings, "moved")]);
    await successor.check(needs);
    expect(inputs).toHaveLength(1);
    await successor.stop();
    expect(inputs.at(-1)).toBe(removalText(settings));
    expect(events).toEqual([]);
  });

  test("a kernel that cannot send a packet twice keeps no_accept", async () => {
    const events: FirewallEvent[] = [];
    const inputs: string[] = [];
    const noDup: Nft = async (words, input) => {
      if (words[0] !== "-f") return "";
      if (input.includes("dup to")) throw new NftError("refused", "No such file or directory");
      inputs.push(input);
      return "";
    };
    const firewall = new Firewall(noDup, (event) => events.push(event));
    await firewall.configure({ ...needs, vmacs: [{ name: "vrrp.51", base: "eth0" }] }, settings);
    expect(events).toEqual([{ type: "memberships_left", message: "No such file or directory" }]);
    expect(inputs.at(-1)).toContain("ip daddr @vips drop");
  });
});

test("the text", () => {
  expect(rulesetText(none, settings, "moved")).toBe(removalText(settings));
  expect(rulesetText(needs, settings, "moved")).toMatchInlineSnapshot(`
    "add table ip lbctl
    delete table ip lbctl
    add table ip6 lbctl
    delete table ip6 lbctl
    table ip lbctl {
      set vips { type ipv4_addr; elements = { 192.0.2.50 }; }
      chain out {
        type filter hook output priority -1; policy accept;
        ip saddr @vips drop
      }
      chain in {
        type filter hook input priority -1; policy accept;
        ip daddr @vips drop
      }
    }
    table ip6 lbctl {
      set vips { type ipv6_addr; elements = { 2001:db8::50 }; }
      set link_local_vips { type ipv6_addr . ifname; elements = { fe80::50 . "eth0" }; }
      chain out {
        type filter hook output priority -1; policy accept;
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
        ip6 saddr @vips drop
        ip6 saddr . oifname @link_local_vips drop
      }
      chain in {
        type filter hook input priority -1; policy accept;
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
        ip6 daddr @vips drop
        ip6 daddr . iifname @link_local_vips drop
      }
    }
    "
  `);
});
