import { describe, expect, test } from "vitest";
import type { CheckId } from "../checks.ts";
import type { ControllerFacts, Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { configOf, instance, link, virtualServer, wellFacts } from "../testing/samples.ts";
import { judge } from "./every-judge.ts";

function findings(check: CheckId, config: object, facts: Partial<Facts> = {}): Finding[] {
  const { needs, config: valid } = configOf(config);
  return judge(new Set([check]), needs, wellFacts(facts), valid);
}

const said = (found: readonly Finding[]) => found.map(({ status, what, fix }) => [status, what, fix]);
const known = <T>(value: T) => ({ known: true, value }) as const;
const unknown = { known: false, why: "no permission" } as const;
const vrrp = (keywords: object = {}) => ({ vrrp_instance: [instance(keywords)] });
const lvs = (keywords: object = {}) => ({ virtual_server: [virtualServer(keywords)] });

describe("modules", () => {
  test("what is missing, loadable, built in, or nobody knows", () => {
    const modules = { ip_vs: "loadable", ip_vs_wrr: "missing", macvlan: "built-in" } as const;
    const config = { ...vrrp({ use_vmac: true }), ...lvs() };
    expect(said(findings("modules", config, { modules }))).toEqual([
      ["ok", "ip_vs (every virtual server) is there, and loaded when it is needed", null],
      ["failure", "ip_vs_wrr (lvs_sched wrr of web) is not in this kernel, 6.1.0", null],
      ["ok", "macvlan (use_vmac of VI_1) is built-in", null],
    ]);
    expect(findings("modules", lvs(), { modules: { ip_vs: "loaded", ip_vs_wrr: "loadable" } })).toMatchObject([
      { status: "ok" },
      { status: "ok", what: expect.stringContaining("loaded when it is needed") },
    ]);
    expect(findings("modules", lvs()).map(({ status }) => status)).toEqual(["unknown", "unknown"]);
    const sip = lvs({ protocol: "UDP", persistence_timeout: 60, persistence_engine: "sip" });
    expect(findings("modules", sip).map(({ what }) => what.split(" ")[0])).toContain("ip_vs_pe_sip");
  });
});

describe("sysctls", () => {
  test("forwarding is for NAT, by family", () => {
    const off = { sysctls: { "net/ipv4/ip_forward": "0", "net/ipv6/conf/all/forwarding": "0" } };
    expect(said(findings("forwarding", lvs(), off))).toEqual([
      ["failure", "net.ipv4.ip_forward is 0", "sysctl -w net.ipv4.ip_forward=1"],
    ]);
    expect(findings("forwarding", lvs({ lvs_method: "DR" }), off)).toMatchObject([{ status: "ok" }]);
    expect(findings("forwarding", lvs())).toMatchObject([{ status: "unknown" }]);
  });

  test("the greater of two reverse path filters counts; names with dots are written with slashes", () => {
    const of = (all: string, own: string) => ({
      sysctls: { "net/ipv4/conf/all/rp_filter": all, "net/ipv4/conf/eth0.7/rp_filter": own },
    });
    const config = { ...vrrp({ interface: "eth0.7" }), ...lvs({ lvs_method: "TUN" }) };
    const strict = findings("rp-filter", config, of("0", "1"));
    expect(said(strict)).toEqual([
      ["warning", "rp_filter of eth0.7 is strict", "sysctl -w net/ipv4/conf/eth0.7/rp_filter=2"],
    ]);
    for (const values of [of("1", "2"), of("0", "0")])
      expect(findings("rp-filter", config, values)).toMatchObject([{ status: "ok" }]);
    expect(findings("rp-filter", vrrp({ interface: "eth0.7" }), of("1", "0"))).toMatchObject([{ status: "ok" }]);
  });

  test("a real server by TUN on this host needs the filter off for its tunnel", () => {
    const server = { lvs_method: "TUN", real_server: [{ address: "192.0.2.1", port: 80 }] };
    const sysctls = { "net/ipv4/conf/all/rp_filter": "0", "net/ipv4/conf/tunl0/rp_filter": "2" };
    expect(findings("rp-filter", lvs(server), { sysctls })).toMatchObject([
      { status: "failure", fix: expect.stringContaining("net.ipv4.conf.tunl0.rp_filter=0") },
    ]);
  });

  test("of IPVS: each value that is 0, persistence only where there is some", () => {
    const sysctls = {
      "net/ipv4/vs/expire_nodest_conn": "0",
      "net/ipv4/vs/expire_quiescent_template": "0",
      "net/ipv4/vs/conn_reuse_mode": "1",
    };
    expect(said(findings("ipvs-settings", lvs(), { sysctls }))).toEqual([
      ["warning", "net.ipv4.vs.expire_nodest_conn is 0", "sysctl -w net.ipv4.vs.expire_nodest_conn=1"],
      ["ok", "net.ipv4.vs.conn_reuse_mode is 1", null],
    ]);
    expect(findings("ipvs-settings", lvs({ persistence_timeout: 60 }), { sysctls })).toHaveLength(3);
    expect(findings("ipvs-settings", lvs())).toMatchObject([{ status: "unknown" }, { status: "unknown" }]);
  });

  test("a table of tracked connections that is nearly full", () => {
    const table = (count: string) => ({
      sysctls: { "net/netfilter/nf_conntrack_count": count, "net/netfilter/nf_conntrack_max": "1000" },
    });
    expect(said(findings("conntrack", lvs(), table("900")))).toEqual([
      ["warning", "900 of 1000 connections tracked (90 %)", "sysctl -w net.netfilter.nf_conntrack_max=2000"],
    ]);
    expect(findings("conntrack", lvs(), table("12"))).toMatchObject([{ status: "ok" }]);
  });
});

describe("the process", () => {
  test("capabilities that the configuration needs", () => {
    const held = (...names: readonly string[]) => ({ process: { ...wellFacts().process, capabilities: known(names) } });
    const names = (config: object) =>
      findings("capabilities", config, held()).map(({ what }) => /CAP_\w+/.exec(what)?.[0]);
    expect(names(lvs())).toEqual(["CAP_NET_ADMIN"]);
    expect(names(vrrp())).toEqual(["CAP_NET_ADMIN", "CAP_NET_RAW"]);
    const low = { address: "10.0.0.1", port: 80, TCP_CHECK: { bind_port: 80 } };
    const globals = { vrrp_rt_priority: 50, checker_no_swap: true };
    expect(names({ global_defs: globals, ...lvs({ real_server: [low] }) })).toEqual([
      ...["CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE", "CAP_SYS_NICE", "CAP_IPC_LOCK"],
    ]);
    expect(findings("capabilities", vrrp(), held("CAP_NET_RAW", "CAP_NET_ADMIN"))).toMatchObject([{ status: "ok" }]);
    const facts = { process: { ...wellFacts().process, capabilities: unknown } };
    expect(findings("capabilities", vrrp(), facts)).toMatchObject([{ status: "unknown", what: "no permission" }]);
  });

  test("descriptors for every checker at once", () => {
    const limit = (value: number, of: "daemon" | "doctor") => ({
      process: { ...wellFacts().process, of, descriptors: known(value), prober: of === "daemon" ? 8 : null },
    });
    const real_server = Array.from({ length: 300 }, (_, index) => ({
      ...{ address: `10.0.${index >> 8}.${index & 255}`, port: 80, TCP_CHECK: {} },
    }));
    const config = lvs({ real_server });
    expect(said(findings("descriptors", config, limit(256, "daemon")))).toEqual([
      ["warning", "256 descriptors for 300 checkers", "prlimit --pid 7 --nofile=1024 && kill -KILL 8"],
    ]);
    expect(findings("descriptors", config, limit(256, "doctor"))).toMatchObject([{ fix: "ulimit -n 1024" }]);
    expect(findings("descriptors", config, limit(1024, "doctor"))).toMatchObject([{ status: "ok" }]);
  });

  test("the clock is looked at where adverts are signed with the time", () => {
    const off = { clock: known({ synchronised: false, observer: false }) };
    expect(findings("clock", vrrp(), off)).toMatchObject([{ status: "ok" }]);
    const signed = vrrp({ auth_hmac: { key: "1 0123456789abcdef0123456789abcdef", active_key: 1 } });
    expect(findings("clock", signed, off)).toMatchObject([{ status: "warning", fix: "timedatectl set-ntp true" }]);
    const watched = { clock: known({ synchronised: false, observer: true }) };
    expect(findings("clock", signed, watched)).toMatchObject([
      { status: "warning", what: expect.stringContaining("chronyd runs with -x"), fix: null },
    ]);
    expect(findings("clock", signed)).toMatchObject([{ status: "ok", what: "the clock is synchronised" }]);
    expect(findings("clock", signed, { clock: unknown })).toMatchObject([{ status: "unknown" }]);
  });

  test("a profile that confines it, unless it is not enforced", () => {
    const by = (context: string, enforced: boolean) => ({
      process: { ...wellFacts().process, confinement: known({ context, enforced }) },
    });
    expect(findings("confinement", vrrp(), by("lbctl (enforce)", true))).toMatchObject([
      { status: "warning", what: "confined by lbctl (enforce)" },
    ]);
    expect(findings("confinement", vrrp(), by("lbctl (complain)", false))).toMatchObject([
      { status: "ok", what: expect.stringContaining("is not enforced") },
    ]);
  });
});

describe("the network", () => {
  const links = (...all: readonly ReturnType<typeof link>[]) => ({ links: known(all) });

  test("interfaces that are missing, down, without link, without ARP, too small for IPv6", () => {
    expect(findings("interfaces", vrrp(), links())).toMatchObject([
      { status: "failure", what: "eth0 (vrrp_instance VI_1) does not exist" },
    ]);
    const dynamic = { global_defs: { dynamic_interfaces: "allow_if_changes" }, ...vrrp() };
    expect(findings("interfaces", dynamic, links())).toMatchObject([{ status: "warning" }]);
    expect(findings("interfaces", vrrp(), links(link("eth0", { up: false })))).toMatchObject([
      { status: "failure", fix: "ip link set eth0 up" },
    ]);
    expect(findings("interfaces", vrrp(), links(link("eth0", { lowerUp: false })))).toMatchObject([
      { status: "failure", what: "eth0 (vrrp_instance VI_1) has no link" },
    ]);
    expect(findings("interfaces", vrrp(), links(link("eth0", { noArp: true })))).toMatchObject([{ status: "warning" }]);
    const six = vrrp({ virtual_ipaddress: ["2001:db8::100/64"] });
    expect(findings("interfaces", six, links(link("eth0", { mtu: 1000 })))).toMatchObject([{ status: "failure" }]);
    expect(findings("interfaces", vrrp(), { links: unknown })).toMatchObject([{ status: "unknown" }]);
    expect(findings("interfaces", lvs())).toMatchObject([{ status: "ok" }]);
  });

  test("systemd-networkd and NetworkManager", () => {
    const file = "/run/systemd/network/10-eth0.network";
    const managed = (keepsConfiguration: boolean) =>
      links(link("eth0", { manager: { kind: "systemd-networkd", file, keepsConfiguration } }));
    expect(said(findings("managers", vrrp(), managed(false)))).toEqual([
      [
        "warning",
        "systemd-networkd manages eth0 without KeepConfiguration=static",
        "mkdir -p /etc/systemd/network/10-eth0.network.d && printf '[Network]\\nKeepConfiguration=static\\n' >/etc/systemd/network/10-eth0.network.d/lbctl.conf && networkctl reload",
      ],
    ]);
    expect(findings("managers", vrrp(), managed(true))).toMatchObject([{ status: "ok" }]);
    const manager = links(link("eth0", { manager: { kind: "NetworkManager" } }));
    expect(findings("managers", vrrp(), manager)).toMatchObject([{ fix: "nmcli device set eth0 managed no" }]);
  });

  test("addresses that adverts and checks come from", () => {
    const unicast = (source: string) => vrrp({ unicast_src_ip: source, unicast_peer: ["192.0.2.2"] });
    expect(findings("addresses", unicast("192.0.2.1"))).toMatchObject([{ status: "ok" }]);
    expect(findings("addresses", unicast("192.0.2.7"))).toMatchObject([
      { status: "failure", fix: "ip address add 192.0.2.7/24 dev eth0" },
    ]);
    expect(findings("addresses", vrrp(), { addresses: known([]) })).toMatchObject([
      { status: "failure", what: "eth0 has no IPv4 address" },
    ]);
    const entry = { interface: "eth0", address: "192.0.2.7", prefixLength: 24, tentative: false, dadFailed: true };
    expect(findings("addresses", unicast("192.0.2.7"), { addresses: known([entry]) })).toMatchObject([
      { what: expect.stringContaining("duplicate") },
    ]);
    const bound = lvs({ real_server: [{ address: "10.0.0.1", port: 80, TCP_CHECK: { bindto: "192.0.2.8" } }] });
    expect(findings("addresses", bound)).toMatchObject([{ what: "bindto 192.0.2.8 of web is on no interface" }]);
  });

  test("a multicast group that switches may keep to themselves", () => {
    const config = { global_defs: { vrrp_mcast_group4: "239.1.1.1" }, ...vrrp() };
    expect(findings("multicast", config)).toMatchObject([{ status: "warning" }]);
    expect(findings("multicast", vrrp())).toMatchObject([{ status: "ok" }]);
    expect(findings("multicast", vrrp(), links(link("eth0", { multicast: false })))).toMatchObject([
      { status: "failure", fix: "ip link set eth0 multicast on" },
    ]);
  });
});

test("real servers: many that answer are one line, one that does not has its own; UDP owes no answer", () => {
  const real_server = Array.from({ length: 20 }, (_, index) => ({ address: `10.0.0.${index + 1}`, port: 80 }));
  const reach: Facts["reach"] = Object.fromEntries(
    real_server.map(({ address }, index) => [`${address}:80`, { kind: "answered", latencyMs: index / 10 }]),
  );
  const silent = { kind: "silent", waitedMs: 1000 } as const;
  expect(said(findings("real-servers", lvs({ real_server }), { reach: { ...reach, "10.0.0.3:80": silent } }))).toEqual([
    ["ok", "19 real servers answer in 0.0 ms to 1.9 ms", null],
    ["warning", "10.0.0.3:80 of web does not answer within 1000 ms", "lbctl probe TCP_CHECK 10.0.0.3:80"],
  ]);
  const udp = lvs({ protocol: "UDP", real_server: [{ address: "10.0.0.1", port: 53 }] });
  expect(findings("real-servers", udp, { reach: { "10.0.0.1:53": silent } })).toMatchObject([{ status: "unknown" }]);
  const refused = { kind: "refused", latencyMs: 0.2 } as const;
  expect(findings("real-servers", udp, { reach: { "10.0.0.1:53": refused } })).toMatchObject([{ status: "ok" }]);
});

describe("others", () => {
  const controller = (changes: Partial<ControllerFacts> = {}): ControllerFacts => ({
    ...{ kind: "keepalived", pid: 42, sameNamespace: true, isStopped: false },
    ...{ unit: "keepalived.service", commandLine: "keepalived" },
    ...changes,
  });
  const of = (...all: readonly ControllerFacts[]) => ({ controllers: known(all) });

  test("what runs in this namespace, by its unit or its process", () => {
    expect(
      said(findings("controllers", lvs(), of(controller(), controller({ kind: "ldirectord", unit: null })))),
    ).toEqual([
      ["failure", "keepalived runs here as process 42", "systemctl disable --now keepalived.service"],
      ["failure", "ldirectord runs here as process 42", "kill 42"],
    ]);
    expect(findings("controllers", lvs(), of(controller({ sameNamespace: false })))).toMatchObject([{ status: "ok" }]);
    expect(findings("controllers", lvs(), of(controller({ sameNamespace: null })))).toMatchObject([
      { status: "unknown" },
    ]);
    const proxy = (commandLine: string) => of(controller({ kind: "kube-proxy", commandLine }));
    expect(findings("controllers", lvs(), proxy("kube-proxy --config x"))).toMatchObject([{ status: "warning" }]);
    const config = proxy("kube-proxy --config x");
    const kubelet = [{ status: "failure", fix: null, why: expect.stringContaining("kubelet starts it again") }];
    expect(findings("controllers", lvs(), proxy("kube-proxy --proxy-mode=ipvs"))).toMatchObject(kubelet);
    expect(findings("controllers", lvs(), { ...config, links: known([link("kube-ipvs0")]) })).toMatchObject(kubelet);
  });

  test("an lbctl that does not answer: stopped, below systemd, alone", () => {
    const fixes = [{ isStopped: true }, {}, { unit: null }].map((changes) => {
      const facts = { ...of(controller({ kind: "lbctl", unit: "lbctl.service", ...changes })), silentS: 5 };
      return said(findings("controllers", lvs(), facts));
    });
    expect(fixes).toEqual([
      [["failure", "lbctl, process 42, has not answered for 5 s: it is stopped", "kill -CONT 42"]],
      [["failure", "lbctl, process 42, has not answered for 5 s", "systemctl restart lbctl.service"]],
      [["failure", "lbctl, process 42, has not answered for 5 s", "kill -KILL 42"]],
    ]);
  });

  test("an interface that only such a controller makes tells of one that cannot be seen", () => {
    const links = known([link("eth0"), link("kube-ipvs0")]);
    expect(said(findings("controllers", lvs(), { links }))).toEqual([
      ["warning", "kube-ipvs0 is here: kube-proxy writes the IPVS table, or did", "ip link delete kube-ipvs0"],
    ]);
  });

  test("our own daemon is none; one that does not answer is said; two are one too many", () => {
    const ours = controller({ kind: "lbctl", pid: 5, unit: null });
    const daemon = {
      ...{ pid: 5, configFile: "/etc/lbctl/lbctl.yaml", configId: undefined, instances: {} },
      dataPlane: "ipvs" as const,
    };
    expect(findings("controllers", lvs(), { ...of(ours), daemon })).toMatchObject([{ status: "ok" }]);
    expect(findings("controllers", lvs(), of(ours))).toMatchObject([{ status: "unknown" }]);
    const second = controller({ kind: "lbctl", pid: 6, unit: null });
    expect(said(findings("controllers", lvs(), { ...of(ours, second), daemon }))).toEqual([
      ["failure", "a second lbctl runs here as process 6", "kill 6"],
    ]);
  });
});

test("a machine on which nothing can be seen: every check says so or has nothing to look at", () => {
  const { needs, config } = configOf({ ...vrrp({ unicast_peer: ["192.0.2.2"] }), ...lvs() });
  const facts = wellFacts({
    ...{ links: unknown, addresses: unknown, controllers: unknown, ruleset: unknown, wire: unknown, clock: unknown },
    process: { ...wellFacts().process, capabilities: unknown, descriptors: unknown, confinement: unknown },
  });
  const all = [
    "interfaces",
    "managers",
    "addresses",
    "firewall",
    "virtual-addresses",
    "virtual-routers",
    "capabilities",
  ];
  const found = judge(new Set([...all, "controllers", "peers"] as CheckId[]), needs, facts, config);
  expect(new Set(found.map(({ status }) => status))).toEqual(new Set(["unknown"]));
});

test("what cannot be heard or asked is unknown, not fine", () => {
  const wire = { listenedMs: 1000, heard: [], deaf: ["eth0"], problems: [], holders: [] };
  expect(findings("virtual-routers", vrrp(), { wire: known(wire) })).toMatchObject([{ status: "unknown" }]);
  expect(findings("virtual-addresses", vrrp(), { wire: known(wire) })).toMatchObject([{ status: "unknown" }]);
});

test("the MAC that use_vmac names is the master's", () => {
  const mac = "02:00:00:00:00:63";
  const holders = [{ interface: "eth0", address: "192.0.2.100", macs: [mac] }];
  const wire = known({ listenedMs: 1000, heard: [], deaf: [], problems: [], holders });
  expect(findings("virtual-addresses", vrrp({ use_vmac: `vrrp51 ${mac}` }), { wire })).toMatchObject([
    { status: "ok" },
  ]);
  expect(findings("virtual-addresses", vrrp(), { wire })).toMatchObject([
    { status: "failure", what: `192.0.2.100 on eth0 belongs to another host, ${mac}` },
  ]);
});
