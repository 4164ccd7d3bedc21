import { describe, expect, test } from "vitest";
import { noContext, parseConfig, readConfig, understand } from "../../parse-config.ts";
import type { VrrpInstance, VrrpModel } from "../../vrrp-model.ts";

/** The VRRP part of a text, and the codes of what is said of it, but for that it is not supported yet. */
function load(text: string, file = "x.conf"): { readonly vrrp: VrrpModel; readonly codes: string[] } {
  const { vrrp, diagnostics, problems } = understand(readConfig(text, file, noContext), file);
  const codes = [...diagnostics, ...problems].map(({ code }) => code).filter((code) => code !== "unsupported-keyword");
  return { vrrp, codes: codes.filter((code) => code !== "no-virtual-server") };
}

const vips = "virtual_ipaddress {\n 192.0.2.10\n }\n";

function instance(settings: string, outside = "", addresses = vips): VrrpInstance & { readonly codes: string[] } {
  const { vrrp, codes } = load(
    `${outside}\nvrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n ${settings}\n ${addresses}}\n`,
  );
  return { ...(vrrp.instances[0] as VrrpInstance), codes };
}

const codesOf = (settings: string, outside?: string, addresses?: string) =>
  instance(settings, outside, addresses).codes;

// Expected values are those that keepalived 2.2.7 dumps (-d) for the same settings.
describe("defaults", () => {
  test("of an instance", () => {
    expect(instance("")).toMatchObject({
      codes: [],
      name: "VI_1",
      syncGroup: null,
      state: "BACKUP",
      family: "inet",
      version: 2,
      basePriority: 100,
      advertMs: 1000,
      downTimerAdverts: 3,
      preempt: "always",
      preemptDelayMs: 0,
      strict: false,
      accept: true,
      lowerPrioNoAdvert: false,
      transport: { kind: "multicast", group: "224.0.0.18", source: null },
      garp: {
        masterDelayMs: 5000,
        masterRepeat: 5,
        masterRefreshMs: 0,
        masterRefreshRepeat: 1,
        lowerPrioDelayMs: 5000,
        lowerPrioRepeat: 5,
        extraInterfaces: null,
      },
      addresses: [{ address: "192.0.2.10", prefixLength: 32, interface: "eth0", scope: 0, placement: "interface" }],
    });
  });

  test("a refresh that no timer can hold is the longest that one can", () => {
    expect(instance("garp_master_refresh 4294967295").garp.masterRefreshMs).toBe(2 ** 31 - 1);
    expect(instance("garp_master_refresh 60").garp.masterRefreshMs).toBe(60_000);
  });

  test("a MASTER without priority owns its addresses, and an owner without state is MASTER", () => {
    expect(instance("state MASTER")).toMatchObject({ state: "MASTER", basePriority: 255 });
    expect(instance("priority 255")).toMatchObject({ state: "MASTER", basePriority: 255 });
    expect(instance("state BACKUP\n priority 255")).toMatchObject({ state: "BACKUP", basePriority: 255 });
  });

  test("of gratuitous ARP: the instance, then global_defs, where the lower ones follow the others", () => {
    const globals = "global_defs {\n vrrp_garp_master_repeat 3\n }";
    expect(instance("garp_master_delay 7", globals).garp).toMatchObject({
      masterDelayMs: 7000,
      masterRepeat: 3,
      lowerPrioDelayMs: 5000,
      lowerPrioRepeat: 3,
    });
    expect(instance("", "global_defs {\n vrrp_min_garp\n }").garp).toMatchObject({
      masterDelayMs: 0,
      masterRepeat: 1,
      lowerPrioDelayMs: 0,
      lowerPrioRepeat: 1,
    });
  });

  test("strict mode", () => {
    expect(instance("strict_mode\n down_timer_adverts 5\n preempt_delay 3")).toMatchObject({
      downTimerAdverts: 3,
      preemptDelayMs: 0,
      accept: false,
      lowerPrioNoAdvert: true,
      garp: { masterRepeat: 5, lowerPrioDelayMs: 0, lowerPrioRepeat: 0 },
    });
  });
});

describe("versions and families", () => {
  test.each([
    ["", vips, "inet", 2, []],
    ["version 3", vips, "inet", 3, []],
    ["", "virtual_ipaddress {\n fe80::1\n }\n", "inet6", 3, []],
    ["version 2", "virtual_ipaddress {\n fe80::1\n }\n", "inet6", 3, ["family-mismatch"]],
    ["", "virtual_ipaddress {\n fe80::1\n 192.0.2.1\n }\n", "inet6", 3, ["family-mismatch"]],
    ["mcast_src_ip fe80::2", vips, "inet", 2, ["family-mismatch"]],
  ])("%s %s", (settings, addresses, family, version, codes) => {
    expect(instance(settings, "", addresses)).toMatchObject({ family, version, codes });
  });

  test.each([
    ["advert_int 2", 2000, []],
    ["advert_int 0.5", 500, ["out-of-range"]],
    ["version 3\n advert_int 0.01", 10, []],
    ["version 3\n advert_int 0.015", 15, ["out-of-range"]],
    ["version 3\n advert_int 40.95", 40_950, []],
    ["version 3\n advert_int 41", 41_000, ["out-of-range"]],
    ["advert_int 255", 255_000, []],
  ])("%s", (settings, advertMs, codes) => expect(instance(settings)).toMatchObject({ advertMs, codes }));

  test.each([
    ["inet", 255, (n: number) => `10.0.${n >> 8}.${n & 255}`],
    ["inet6", 89, (n: number) => `fe80::${n.toString(16)}`],
  ])("%s: %d addresses fit into an advert", (_family, most, address) => {
    const block = (count: number) =>
      `virtual_ipaddress {\n${Array.from({ length: count }, (_, n) => address(n + 1)).join("\n")}\n}\n`;
    expect(codesOf("", "", block(most))).toEqual([]);
    expect(codesOf("", "", block(most + 1))).toEqual(["out-of-range"]);
  });
});

describe("preemption", () => {
  test.each([
    ["nopreempt", "never", []],
    ["preempt on_failure", "on_failure", []],
    ["preempt", "always", []],
    ["preempt off", "never", []],
    ["nopreempt\n preempt", "always", ["conflicting-keywords"]],
    ["nopreempt\n priority 255", "always", ["corrected-setting"]],
    ["nopreempt\n state MASTER\n priority 100", "always", []],
    ["preempt on_failure\n state MASTER\n priority 100", "on_failure", ["conflicting-keywords"]],
  ])("%s", (settings, preempt, codes) => expect(instance(settings)).toMatchObject({ preempt, codes }));

  test("the delay counts for a backup that preempts", () => {
    expect(instance("preempt_delay 3.5").preemptDelayMs).toBe(3500);
    expect(instance("preempt_delay 3.5\n state MASTER\n priority 100").preemptDelayMs).toBe(0);
    expect(instance("preempt_delay 3.5\n nopreempt")).toMatchObject({ preemptDelayMs: 0, codes: ["no-effect"] });
  });
});

describe("transport", () => {
  const peers = "unicast_peer {\n 192.0.2.2\n 192.0.2.3 min_ttl 5\n }";

  test("unicast as soon as there are peers; limits of the TTL check the source", () => {
    expect(instance(`${peers}\n unicast_src_ip 192.0.2.1`).transport).toEqual({
      kind: "unicast",
      source: "192.0.2.1",
      ttl: 255,
      checkSource: true,
      peers: [
        { address: "192.0.2.2", minTtl: 0, maxTtl: 255 },
        { address: "192.0.2.3", minTtl: 5, maxTtl: 255 },
      ],
    });
    expect(instance("unicast_fault_no_peer").transport).toMatchObject({ kind: "unicast", peers: [] });
  });

  test.each([
    ["unicast_src_ip 192.0.2.1", ["corrected-setting"]],
    [`mcast_dst_ip 224.1.2.3\n ${peers}`, ["no-effect"]],
    ["mcast_dst_ip 224.1.2.3", []],
    ["mcast_dst_ip 10.0.0.1", ["invalid-value"]],
    ["use_vmac\n vmac_xmit_base", []],
    ["vmac_xmit_base", ["no-effect"]],
    [`use_vmac\n ${peers}`, ["corrected-setting"]],
    ["use_ipvlan", ["missing-value"]],
    ["use_vmac\n use_ipvlan 192.0.2.9", ["conflicting-keywords"]],
    ["vrf red", ["conflicting-keywords"]],
  ])("%s", (settings, codes) => expect(codesOf(settings)).toEqual(codes));

  test("without an interface there must be peers that are reached without one", () => {
    const text = (more: string) => `vrrp_instance A {\n virtual_router_id 1\n ${more}\n ${vips}}\n`;
    expect(load(text("")).codes).toEqual(["missing-keyword"]);
    expect(load(text(peers))).toMatchObject({ codes: [], vrrp: { instances: [{ interface: null }] } });
  });

  test("a VMAC of five octets ends with the VRID", () => {
    expect(instance("use_vmac vr51 02:00:00:00:01").link).toEqual({
      kind: "vmac",
      interface: "vr51",
      mac: "02:00:00:00:01:33",
      xmitBase: false,
    });
  });
});

describe("authentication", () => {
  const auth = (inside: string) => `authentication {\n ${inside}\n }`;

  test("its first eight octets count", () => {
    expect(instance(auth("auth_type PASS\n auth_pass 123456789")).authentication).toEqual({
      type: "PASS",
      password: "12345678",
    });
    expect(instance(auth('auth_type AH\n auth_pass "1234567ä"')).authentication?.password).toBe("1234567");
  });

  test.each([
    [`version 3\n ${auth("auth_type PASS\n auth_pass a")}`, ["conflicting-keywords"]],
    [auth("auth_type PASS"), ["missing-keyword"]],
    [auth("auth_pass a"), ["missing-keyword"]],
    ["auth_hmac {\n key 1 0123456789abcdef0123456789abcdef\n active_key 2\n }", ["unknown-reference"]],
  ])("%s", (settings, codes) => expect(instance(settings)).toMatchObject({ authentication: null, codes }));

  test("the window of HMAC is three adverts, and five seconds at least", () => {
    const hmac = "auth_hmac {\n key 1 0123456789abcdef0123456789abcdef\n active_key 1\n }";
    expect(instance(`advert_int 4\n ${hmac}`).hmac).toMatchObject({ timeWindowMs: 12_000, mode: "enforce" });
    expect(instance(hmac).hmac).toMatchObject({ timeWindowMs: 5000, antiReplay: "time" });
  });
});

describe("tracking", () => {
  const script = "vrrp_script chk {\n script /bin/true\n weight 5 reverse\n }\n";
  const tracks = (lines: string, outside = script, settings = "") =>
    instance(`${settings}\n track_script {\n ${lines}\n }`, outside);

  test("weight and direction are those of the script, unless said", () => {
    expect(tracks("chk").tracks.scripts).toEqual([{ name: "chk", weight: 5, reverse: true }]);
    expect(tracks("chk weight 3").tracks.scripts).toEqual([{ name: "chk", weight: 3, reverse: true }]);
    expect(tracks("chk weight 3 noreverse").tracks.scripts).toEqual([{ name: "chk", weight: 3, reverse: false }]);
  });

  test("weights do not count for an owner, nor in a sync group", () => {
    expect(tracks("chk", script, "priority 255")).toMatchObject({
      tracks: { scripts: [] },
      codes: ["corrected-setting"],
    });
    const group = `${script}vrrp_sync_group G {\n group {\n VI_1\n }\n`;
    expect(tracks("chk", `${group}}\n`).tracks.scripts).toEqual([]);
    expect(tracks("chk weight 0", `${group}}\n`).tracks.scripts).toHaveLength(1);
    const weighted = { syncGroup: "G", tracks: { scripts: [{ weight: 5 }] } };
    expect(tracks("chk", `${group}sync_group_tracking_weight\n}\n`)).toMatchObject(weighted);
    expect(tracks("chk", `${group}global_tracking\n}\n`)).toMatchObject(weighted);
  });

  test.each([
    ["other", ["unknown-reference"]],
    ["chk\n chk weight 2", ["duplicate-reference"]],
  ])("%j", (lines, codes) => expect(tracks(lines).codes).toEqual(codes));

  test("a virtual server is tracked by its name", () => {
    const server = "virtual_server 192.0.2.10 80 {\n name web\n protocol TCP\n real_server 10.0.0.1 80 {\n }\n }\n";
    const tracked = (name: string) => instance(`track_virtual_server {\n ${name} weight -20\n }`, server);
    expect(tracked("web")).toMatchObject({ codes: [], tracks: { virtualServers: [{ name: "web", weight: -20 }] } });
    expect(tracked("other").codes).toEqual(["unknown-reference"]);
  });

  test("what has errors may be the one that is meant", () => {
    expect(tracks("other", "vrrp_script other {\n script /bin/true\n rise x\n }\n").codes).toEqual(["invalid-value"]);
  });
});

describe("groups", () => {
  const two = ["A", "B"].map(
    (name, at) => `vrrp_instance ${name} {\n interface eth0\n virtual_router_id ${at + 1}\n ${vips}}\n`,
  );
  const group = (name: string, ...members: string[]) =>
    `vrrp_sync_group ${name} {\n group {\n ${members.join("\n")}\n }\n }\n`;

  test.each([
    [group("G", "A", "B"), []],
    [group("G", "A B"), []],
    [group("G", "A"), ["lonely-sync-group"]],
    [group("G", "A", "B", "C"), ["unknown-reference"]],
    [group("G", "A", "B", "A"), ["duplicate-reference"]],
    [group("G", "A", "B") + group("H", "B"), ["duplicate-reference"]],
    [group("G", "A", "B") + group("G", "C"), ["duplicate-name", "unknown-reference"]],
    ["track_group T {\n group {\n C\n }\n }\n", ["unknown-reference"]],
    ["static_ipaddress {\n 10.0.0.1 track_group T\n }\n", ["unknown-reference"]],
    ["garp_group {\n garp_interval 1\n }\n", ["missing-keyword"]],
    ["garp_group {\n interface eth0\n }\n", ["missing-keyword"]],
    ["garp_group {\n garp_interval 1\n interfaces {\n eth0\n eth0\n }\n }\n", ["duplicate-reference"]],
  ])("%j", (text, codes) => expect(load(two.join("") + text).codes).toEqual(codes));
});

describe("addresses, routes and rules", () => {
  const addresses = (lines: string, settings = "") => {
    const { addresses: found, codes } = instance(settings, "", `virtual_ipaddress {\n ${lines}\n }\n`);
    return { found, codes };
  };

  test("where they are", () => {
    const placements = (settings: string) =>
      addresses(
        "192.0.2.1\n 192.0.2.2 dev eth1\n 192.0.2.3 dev eth1 use_vmac\n 192.0.2.4 dev eth0",
        settings,
      ).found.map((each) => `${each.interface} ${each.placement}`);
    expect(placements("")).toEqual(["eth0 interface", "eth1 interface", "eth1 own-vmac", "eth0 interface"]);
    expect(placements("use_vmac")).toEqual([
      "eth0 instance-vmac",
      "eth1 interface",
      "eth1 own-vmac",
      "eth0 instance-vmac",
    ]);
    expect(placements("use_vmac\n use_vmac_addr")[1]).toBe("eth1 own-vmac");
  });

  test("broadcast, scope, peer, lifetime, flags", () => {
    expect(addresses("192.0.2.10/28 brd + scope link label eth0:1 no_track noprefixroute").found[0]).toMatchObject({
      broadcast: "192.0.2.15",
      scope: 253,
      label: "eth0:1",
      flags: ["noprefixroute"],
      tracking: { kind: "none" },
    });
    expect(addresses("192.0.2.10/28 brd -").found[0]?.broadcast).toBe("192.0.2.0");
    expect(addresses("192.0.2.10 peer 192.0.2.99").found[0]).toMatchObject({ peer: "192.0.2.99", prefixLength: 32 });
    const lifetimes = addresses(
      "fe80::1\n fe80::2/64\n fe80::3 preferred_lft forever\n fe80::4/64 preferred_lft 9",
    ).found;
    expect(lifetimes.map((each) => each.preferredLifetimeS)).toEqual([0, null, null, 9]);
  });

  test.each([
    ["192.0.2.10/24 peer 192.0.2.11", ["conflicting-keywords"]],
    ["192.0.2.10 peer fe80::1", ["family-mismatch"]],
    ["fe80::1 brd +", ["conflicting-keywords"]],
    ["fe80::1 label a", ["conflicting-keywords"]],
  ])("%s", (line, codes) => expect(addresses(line).codes).toEqual(codes));

  const routes = (...lines: string[]) => load(`static_routes {\n ${lines.join("\n")}\n }\n`);

  test("a route", () => {
    const line =
      "src 192.0.2.9 to 10.0.0.0/8 via 192.0.2.1 or 192.0.2.2 dev eth0 table 100 tos 0x10 metric 5 mtu lock 1400";
    expect(routes(line).vrrp.staticRoutes).toMatchObject([
      {
        type: "unicast",
        destination: { address: "10.0.0.0", prefixLength: 8 },
        source: "192.0.2.9",
        table: 100,
        tos: 16,
        metric: 5,
        metrics: { mtu: { value: 1400, locked: true } },
        nexthops: [
          { via: "192.0.2.1", interface: "eth0" },
          { via: "192.0.2.2", interface: "eth0" },
        ],
        insertion: "prepend",
        tracking: { kind: "restore" },
      },
    ]);
    expect(
      routes("default6 via fe80::1 dev eth0", "blackhole 10.0.0.0/8", "default dev eth0").vrrp.staticRoutes,
    ).toMatchObject([
      { family: "inet6", destination: { address: "::", prefixLength: 0 } },
      { type: "blackhole", nexthops: [], insertion: "add" },
      { family: "inet", destination: { address: "0.0.0.0", prefixLength: 0 } },
    ]);
  });

  test.each([
    ["10.0.0.0/8 via fe80::1", ["family-mismatch"]],
    ["10.0.0.0/8", ["missing-keyword"]],
    ["blackhole 10.0.0.0/8 dev eth0", ["conflicting-keywords"]],
    ["10.0.0.0/8 via 192.0.2.1 nexthop via 192.0.2.2", ["conflicting-keywords"]],
    ["10.0.0.0/8 dev eth0 table nowhere", ["unknown-reference"]],
    ["10.0.0.0/8 dev eth0 protocol static", ["corrected-setting"]],
    ["10.0.0.0/8 dev eth0 rtt 100ms", ["corrected-setting"]],
  ])("%s", (line, codes) => expect(routes(line).codes).toEqual(codes));

  const rules = (...lines: string[]) => load(`static_rules {\n ${lines.join("\n")}\n }\n`);

  test("rules", () => {
    const { vrrp, codes } = rules(
      "from 10.0.0.0/8 table main priority 5 fwmark 0x18/0xff realms 3/4 sport 1-2 uidrange 5-6 ipproto tcp",
      "inet6 goto 7",
      "not to 10.0.0.0/8 blackhole",
      "l3mdev",
    );
    // The three that say nothing of it.
    expect(codes).toEqual(Array(3).fill("rule-without-priority"));
    expect(vrrp.staticRules).toMatchObject([
      {
        action: { kind: "table", table: 254 },
        priority: 5,
        fwmark: { mark: 24, mask: 255 },
        realms: { from: 3, to: 4 },
        sport: { from: 1, to: 2 },
        uidRange: { from: 5, to: 6 },
        ipProto: 6,
      },
      { family: "inet6", action: { kind: "goto", priority: 7 }, priority: null },
      { not: true, action: { kind: "blackhole" } },
      { action: { kind: "l3mdev" } },
    ]);
  });

  test.each([
    ["from 10.0.0.0/8", ["missing-keyword"]],
    ["from 10.0.0.0/8 to fe80::/10 table 1", ["family-mismatch"]],
    ["from 10.0.0.0/8 table 1 blackhole", ["conflicting-keywords"]],
    ["from 10.0.0.0/8 table 1 ipproto nothing", ["unknown-reference"]],
  ])("%s", (line, codes) => expect(rules(line).codes).toEqual(codes));
});

test("both languages are one model", () => {
  const conf = `vrrp_script chk {
  script "/bin/check one" nobody
  interval 2
}
vrrp_sync_group G {
  group {
    A
    B
  }
  notify_master "/bin/up G"
}
vrrp_instance A {
  interface eth0
  virtual_router_id 51
  preempt on_failure
  virtual_ipaddress {
    192.0.2.10/24 dev eth0 label eth0:1
    192.0.2.11/24
  }
  virtual_routes {
    10.0.0.0/8 via 192.0.2.1 dev eth0
  }
  track_script {
    chk weight 0
  }
}
vrrp_instance B {
  interface eth1
  virtual_router_id 52
  authentication {
    auth_type PASS
    auth_pass secret
  }
  virtual_ipaddress {
    192.0.3.10/24
  }
}
`;
  const yaml = `vrrp_script: {name: chk, script: [/bin/check one, nobody], interval: 2}
vrrp_sync_group: {name: G, group: [A, B], notify_master: /bin/up G}
vrrp_instance:
  - name: A
    interface: eth0
    virtual_router_id: 51
    preempt: on_failure
    virtual_ipaddress: [192.0.2.10/24 dev eth0 label eth0:1, 192.0.2.11/24]
    virtual_routes: 10.0.0.0/8 via 192.0.2.1 dev eth0
    track_script: chk weight 0
  - name: B
    interface: eth1
    virtual_router_id: 52
    authentication: {auth_type: PASS, auth_pass: secret}
    virtual_ipaddress: 192.0.3.10/24
`;
  expect(load(conf).codes).toEqual([]);
  expect(load(conf)).toEqual(load(yaml, "x.yaml"));
});

test("vrrp_iptables with a chain for input only does not filter what goes out; nftables wins", () => {
  const outbound = (globals: string) => {
    const result = parseConfig(
      `global_defs: {${globals}}\nvirtual_server: {address: 192.0.2.1, port: 80, protocol: TCP}`,
      "x",
    );
    return result.ok && result.vrrp.globals.firewall.outbound;
  };
  expect(outbound("vrrp_iptables: ")).toBe(true);
  expect(outbound("vrrp_iptables: in out")).toBe(true);
  expect(outbound("vrrp_iptables: in")).toBe(false);
  expect(outbound("vrrp_iptables: in, nftables: ")).toBe(true);
});
