import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeNamespace } from "ipvs-netlink/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../src/doctor/finding.ts";
import { program } from "../e2e/lbctl.ts";
import { bootMachine, type Machine, managersRoot } from "../service/machine.ts";
import { buildTopology, client, front, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

// What doctor says of others on its machine, beside the real ones: Debian booted by systemd, on a kernel with IPVS and AppArmor whose
// clock may be set. Each is started, seen, does what doctor says it does, and is gone by the command that doctor shows.

let guest: Guest;
let machine: Machine;

beforeAll(async () => {
  guest = await bootGuest({ memoryMiB: 3072, extraArguments: ["lsm=yama,apparmor"] });
  await buildTopology(guest, { activeDirector: "none", realServers: [] });
  const packages = join(import.meta.dirname, "../..");
  machine = await bootMachine({ host: guest, namespace: "d1", packages, root: managersRoot });
  const auth_hmac = { key: "1 0123456789abcdef0123456789abcdef", active_key: 1 };
  await configure({ vrrp_instance: [{ ...instance, version: 3, auth_hmac }] });
}, 600_000);
afterAll(async () => {
  await machine?.close();
  await guest?.close();
});

const vip = `${vips.dr.v4}/24`;
const instance = { name: "VI_1", interface: "eth0", virtual_router_id: 51, priority: 100, virtual_ipaddress: [vip] };

const configure = (config: object) =>
  machine.sh(`mkdir -p /etc/lbctl; cat >/etc/lbctl/lbctl.yaml <<'END'\n${JSON.stringify(config)}\nEND`);

async function findings(check: string, wrapper = ""): Promise<readonly Finding[]> {
  const words = `doctor -f /etc/lbctl/lbctl.yaml --json --skip-wire --only ${check}`;
  const { stdout, stderr } = await machine.exec(`${wrapper} /packages/bin/lbctl ${words}`);
  if (stdout === "") throw new Error(stderr);
  return (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;
}

async function only(check: string, wrapper?: string): Promise<Finding> {
  const [finding, ...others] = await findings(check, wrapper);
  expect(others).toEqual([]);
  return finding as Finding;
}

const addresses = () => machine.sh("ip -4 -o address show dev eth0");
const takeVip = () => machine.sh(`ip address replace ${vip} dev eth0`);

describe("who configures the interface of a virtual address", () => {
  // As installers leave it: found without its broadcast address, where no udev holds it back, networkd 252 mostly sets it for ever.
  const ownAddress = `ip -4 address flush dev eth0; ip address add ${front("d1").v4}/24 brd + dev eth0`;
  beforeAll(() => machine.sh(ownAddress));
  afterEach(() =>
    machine.sh(`systemctl disable --now systemd-networkd.socket systemd-networkd; systemctl stop NetworkManager
rm -rf /etc/systemd/network/10-eth0.network* /etc/NetworkManager/system-connections/* /run/systemd/netif/links/*
${ownAddress}`),
  );

  test("systemd-networkd takes the address away, and with what doctor advises keeps it", async () => {
    expect(await only("managers")).toMatchObject({
      status: "ok",
      what: expect.stringContaining("no systemd-networkd"),
    });
    const settings = `[Match]\\nName=eth0\\n[Network]\\nAddress=${front("d1").v4}/24\\nLinkLocalAddressing=no\\nIPv6AcceptRA=no\\n`;
    // Enabled, too: networkctl finds it by a name that it has only then.
    await machine.sh(`printf '${settings}' >/etc/systemd/network/10-eth0.network
systemctl enable --now systemd-networkd`);
    const isConfigured = "networkctl status eth0 | grep -q 'State: .*(configured)'";
    await machine.until(isConfigured);
    const reconfigureBy = async (command: string) => {
      const times = "journalctl --sync; journalctl -u systemd-networkd -o cat | grep -ci 'eth0: .*configuring with'";
      const before = await machine.sh(times);
      await machine.sh(command);
      await machine.until(`test "$(${times})" -gt ${before.trim()}`);
      await machine.until(isConfigured);
    };
    const finding = await only("managers");
    expect(finding).toMatchObject({ status: "warning", what: expect.stringContaining("without KeepConfiguration") });
    await takeVip();
    await reconfigureBy("networkctl reconfigure eth0");
    expect(await addresses()).not.toContain(vip);

    await reconfigureBy(finding.fix ?? "");
    expect(await only("managers")).toMatchObject({ status: "ok", what: expect.stringContaining("keeps what others") });
    await takeVip();
    await reconfigureBy("networkctl reconfigure eth0");
    expect(await addresses()).toContain(vip);
  });

  test("NetworkManager takes the address away, until it does not manage the interface any more", async () => {
    const profile = `con-name director type ethernet ifname eth0 ipv4.method manual ipv4.addresses ${front("d1").v4}/24 ipv6.method disabled`;
    await machine.sh(`systemctl start NetworkManager && nm-online -s -q; nmcli connection add ${profile}`);
    await machine.sh("nmcli connection up director");
    const finding = await only("managers");
    expect(finding).toMatchObject({ status: "warning", what: "NetworkManager manages eth0" });
    await takeVip();
    await machine.sh("nmcli device reapply eth0");
    await machine.until(`! ip address show dev eth0 | grep -q ${vip}`);

    await machine.sh(finding.fix ?? "");
    expect(await only("managers")).toMatchObject({ status: "ok" });
    await takeVip();
    expect((await machine.exec("nmcli device reapply eth0")).status).not.toBe(0);
    await machine.sh("systemctl restart NetworkManager && nm-online -s -q");
    const after = await addresses();
    expect(after).toContain(vip);
    expect(after).toContain(front("d1").v4);
  });
});

describe("who sets the clock", () => {
  beforeAll(async () => {
    // A server of time: its own clock is that of the guest, too.
    const directives = "'local stratum 3' 'allow all' 'cmdport 0' 'bindcmdaddress /' 'pidfile /run/time-server.pid'";
    const script = `mount --bind /dev ${managersRoot}/dev; exec chroot ${managersRoot} chronyd -x -d ${directives}`;
    guest.start(script, { namespace: "c", timeoutMs: 3_000_000 });
  }, 300_000);
  afterEach(() => machine.sh("systemctl stop chrony; rm -f /etc/default/chrony"));

  const configureChrony = (...more: readonly string[]) => {
    const lines = [`server ${client.v4} iburst minpoll 0 maxpoll 0`, "driftfile /var/lib/chrony/drift", ...more];
    return machine.sh(`printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} >/etc/chrony/chrony.conf`);
  };
  const isTracking = "chronyc -n tracking | grep -q 'Leap status *: Normal'";

  test("nobody; chrony, started by what doctor shows", async () => {
    await configureChrony("rtcsync");
    const finding = await only("clock");
    expect(finding).toMatchObject({ status: "warning", what: "the clock is not synchronised" });
    await machine.sh(finding.fix ?? "");
    await machine.until(isTracking);
    expect(await only("clock")).toMatchObject({ status: "ok", what: "the clock is synchronised" });
  });

  test("chrony that does not tell the kernel (no rtcsync) is asked itself", async () => {
    await configureChrony();
    await machine.sh("systemctl start chrony");
    await machine.until(isTracking);
    expect(await only("clock")).toMatchObject({ status: "ok" });
    await machine.sh("systemctl stop chrony");
    expect(await only("clock")).toMatchObject({ status: "warning", what: "the clock is not synchronised" });
  });

  test("chronyd -x compares, and sets nothing", async () => {
    await configureChrony();
    await machine.sh("echo 'DAEMON_OPTS=-x' >/etc/default/chrony; systemctl start chrony");
    await machine.until(isTracking);
    expect(await only("clock")).toMatchObject({ status: "warning", what: expect.stringContaining("-x"), fix: null });
  });
});

test("a profile of AppArmor confines it, in its mode complain it does not", async () => {
  expect(await only("confinement")).toMatchObject({ status: "ok" });
  const profile = (flags: string) =>
    `profile lbctl-test flags=(${flags}) {\n  file,\n  network,\n  capability,\n  deny capability net_admin,\n}`;
  const load = (flags: string) =>
    machine.sh(`mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
apparmor_parser --replace --skip-cache <<'END'\n${profile(flags)}\nEND`);
  await load("attach_disconnected");
  const confined = "aa-exec -p lbctl-test --";
  expect(await only("confinement", confined)).toMatchObject({
    status: "warning",
    what: "confined by lbctl-test (enforce)",
  });
  // It is the profile that does not let root change an address, as doctor says.
  expect(await machine.exec(`${confined} ip address add 192.0.2.77/24 dev eth0`)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("not permitted"),
  });
  await load("attach_disconnected,complain");
  expect(await only("confinement", confined)).toMatchObject({
    status: "ok",
    what: expect.stringContaining("lbctl-test (complain)"),
  });
});

describe("who writes the IPVS table", () => {
  afterEach(() => machine.exec("systemctl stop keepalived kube-proxy; ipvsadm -C; ip link del kube-ipvs0"));

  test("keepalived, a service of systemd with the same virtual server", async () => {
    const file = `virtual_server ${vips.dr.v4} 80 {
  lvs_sched rr
  lvs_method DR
  protocol TCP
  real_server ${front("d1").v4} 80 {
  }
}`;
    await machine.sh(`cat >/etc/keepalived/keepalived.conf <<'END'\n${file}\nEND\nsystemctl start keepalived`);
    await machine.until(`ipvsadm -Ln | grep -q 'TCP *${vips.dr.v4}:80 rr'`);
    const finding = await only("controllers");
    expect(finding).toMatchObject({
      status: "failure",
      what: expect.stringMatching(/^keepalived runs here as process \d+$/),
    });
    expect(finding.fix).toBe("systemctl disable --now keepalived.service");
    await machine.sh(finding.fix ?? "");
    expect(await only("controllers")).toMatchObject({ status: "ok" });
  });

  test("kube-proxy by its process and its interface", async () => {
    // The program itself is in no archive of Debian: a process of its name, and what it makes.
    await machine.sh(
      "cp /usr/bin/sleep /usr/local/bin/kube-proxy; systemd-run --unit kube-proxy /usr/local/bin/kube-proxy 3000",
    );
    const said = expect.stringMatching(/^kube-proxy runs here as process \d+$/);
    expect(await only("controllers")).toMatchObject({ status: "warning", what: said });
    await machine.sh("ip link add kube-ipvs0 type dummy");
    expect(await only("controllers")).toMatchObject({ status: "failure", what: said, fix: null });
    await machine.sh("systemctl stop kube-proxy");
    const left = await only("controllers");
    expect(left).toMatchObject({ status: "warning", what: expect.stringContaining("kube-ipvs0 is here") });
    await machine.sh(left.fix ?? "");
    expect(await only("controllers")).toMatchObject({ status: "ok" });
  });
});

// This guest's kernel has the old iptables alone, this machine's has nftables.
test("chains that kube-proxy makes with iptables let adverts through; a rule among them that does not is found", async () => {
  const namespace = makeNamespace();
  const directory = mkdtempSync(join(tmpdir(), "lbctl-doctor-"));
  try {
    namespace.ip("link add eth0 type veth peer name eth1");
    namespace.ip("address add 192.0.2.1/24 dev eth0");
    const file = join(directory, "lbctl.yaml");
    writeFileSync(file, JSON.stringify({ vrrp_instance: [instance] }));
    const look = () => {
      const words = ["doctor", "-f", file, "--json", "--skip-wire", "--only", "firewall"];
      const lbctl = spawnSync("ip", ["netns", "exec", namespace.name, program, ...words], { encoding: "utf8" });
      if (lbctl.stdout === "") throw new Error(lbctl.stderr);
      return (JSON.parse(lbctl.stdout) as { readonly findings: readonly Finding[] }).findings;
    };
    const iptables = (script: string) => namespace.run("chroot", managersRoot, "sh", "-ec", script);
    const rules = [
      "-N KUBE-SERVICES",
      "-N KUBE-FIREWALL",
      "-N KUBE-FORWARD",
      "-A INPUT -m conntrack --ctstate NEW -m comment --comment 'kubernetes portals' -j KUBE-SERVICES",
      "-A INPUT -j KUBE-FIREWALL",
      "-A OUTPUT -j KUBE-FIREWALL",
      "-A FORWARD -j KUBE-FORWARD",
      "-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP",
      "-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP",
      "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP",
      "-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j REJECT",
      "-t nat -N KUBE-MARK-MASQ",
      "-t nat -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
      "-t nat -A OUTPUT -p tcp -d 10.96.0.1/32 -j KUBE-MARK-MASQ",
    ];
    iptables(rules.map((rule) => `iptables ${rule}`).join("\n"));
    expect(look()).toMatchObject([{ status: "ok" }]);
    iptables("iptables -A KUBE-FIREWALL -p vrrp -m comment --comment stranger -j DROP");
    expect(look().map(({ status }) => status)).toEqual(["failure", "failure"]);
  } finally {
    rmSync(directory, { recursive: true });
    namespace.delete();
  }
});
