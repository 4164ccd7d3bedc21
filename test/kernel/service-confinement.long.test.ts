import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bootMachine, type Machine } from "../service/machine.ts";
import { buildPackages, type Packages } from "../service/packages.ts";
import { buildTopology } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

// What the unit allows the service is what it needs: each capability is taken away, and something stops to work. What it forbids
// is not what scripts usually do. In a guest, because a container may lack capabilities that are asked for here.

let guest: Guest;
let packages: Packages;
let machine: Machine;

const vip = "192.0.2.200";
const dropIn = "/etc/systemd/system/lbctl.service.d";
const examples = "/usr/share/doc/lbctl/examples/lbctl.service.d";

/** Says of each thing that a script may want to do whether it may. */
const script = `#!/bin/sh
exec >/run/script.log.new 2>&1
may() { what=$1; shift; "$@" >/dev/null 2>&1 && echo "may $what" || echo "may not $what"; }
touch /run/file
may "give a file away" chown nobody /run/file
may "change the mode of somebody's file" chmod 600 /run/file
may "write somebody's file" sh -c 'echo x >>/run/file'
may sudo sudo -n -u nobody true
may "write /etc" touch /etc/file
may "write /tmp" touch /tmp/file
may "set a sysctl" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
may nft nft list ruleset
may "ask systemd" systemctl is-enabled lbctl
may "write /usr" touch /usr/file
may mount mount -t tmpfs t /mnt
mv /run/script.log.new /run/script.log
`;

const config = (rttimeUs: number, globals: object = {}, more: object = {}) => ({
  ...more,
  global_defs: {
    ...{ enable_script_security: true, script_user: "root", control_group: "adm", vrrp_rt_priority: 20 },
    ...{ vrrp_no_swap: true, vrrp_rlimit_rttime: rttimeUs, ...globals },
  },
  vrrp_script: [
    { name: "who", script: "/usr/bin/id", user: "games", interval: 1 },
    { name: "slow", script: "/usr/bin/sleep 30", user: "games", interval: 40, timeout: 1, weight: 1 },
  ],
  vrrp_instance: [
    {
      ...{ name: "VI_1", interface: "eth0", virtual_router_id: 51, version: 3, priority: 100, advert_int: 0.2 },
      ...{ virtual_ipaddress: [`${vip}/24`], notify_master: "/opt/script", track_script: ["who", "slow"] },
    },
  ],
  virtual_server: [
    {
      ...{ address: vip, port: 80, protocol: "TCP", delay_loop: 1 },
      real_server: [{ address: "127.0.0.1", port: 8001, TCP_CHECK: { connect_timeout: 1 } }],
    },
  ],
});

const configure = (text: object) => machine.sh(`cat >/etc/lbctl/lbctl.yaml <<'END'\n${JSON.stringify(text)}\nEND`);

/** Starts the service anew with what is added to its unit, and waits for nothing. What is logged counts from here on. */
const startWith = (lines: string) =>
  machine.sh(`journalctl --quiet -n 1 -o cat --output-fields= --show-cursor | sed -n 's/^-- cursor: //p' >/run/cursor
systemctl stop lbctl; pkill sleep; rm -rf /run/script.log /run/file ${dropIn}; mkdir -p ${dropIn}
cat >${dropIn}/test.conf <<'END'\n[Service]\n${lines}\nEND
systemctl daemon-reload && systemctl start --no-block lbctl`);

const hasVip = `ip address show | grep -q ${vip}`;
const journal = 'journalctl --no-pager -o cat -u lbctl --after-cursor "$(cat /run/cursor)"';
const logs = (text: string) => machine.until(`${journal} | grep -qF '${text}'`);
const scriptLog = async () => {
  await machine.until("test -e /run/script.log");
  return machine.sh("cat /run/script.log");
};
/** Whether the VRRP process has more memory locked than systemd allows everybody. */
const locksMemory = "awk '/VmLck/ { exit $2 <= 8192 }' /proc/$(pgrep -f 'lbctl: vrrp')/status";
/** A script of another user that should have been killed after a second, and three more. */
const outlives = "ps -o etimes= -C sleep | awk '$1 > 10 { old = 1 } END { exit !old }'";

beforeAll(async () => {
  packages = await buildPackages();
  guest = await bootGuest({ memoryMiB: 2048 });
  await buildTopology(guest, { realServers: [], activeDirector: "none" });
  machine = await bootMachine({ host: guest, namespace: "d1", packages: packages.directory });
  await machine.sh(`apt-get install -y --no-install-recommends /packages/${packages.current}`, 300_000);
  await machine.sh(`sed -i 's/^LBCTL_ARGS=.*/LBCTL_ARGS="--dataplane userspace"/' /etc/default/lbctl
cat >/opt/script <<'END'\n${script}END
chmod 755 /opt/script`);
}, 600_000);
afterAll(async () => {
  await machine?.close();
  await guest?.close();
  packages?.remove();
});
beforeEach(() => configure(config(2_000_000)));

test("with the unit as it is, all of it works, and scripts may what they usually do", async () => {
  await startWith("");
  await machine.until(hasVip);
  expect((await scriptLog()).trim().split("\n")).toEqual([
    "may give a file away",
    "may change the mode of somebody's file",
    "may write somebody's file",
    "may sudo",
    "may write /etc",
    "may write /tmp",
    "may set a sysctl",
    "may nft",
    "may ask systemd",
    "may not write /usr",
    "may not mount",
  ]);
  await machine.until(locksMemory);
  await logs("did not end within 1 s and was killed");
  expect(await machine.sh("stat -c %G /run/lbctl/net-*/control.sock")).toBe("adm\n");
  await configure(config(3_000_000));
  await machine.sh("systemctl reload lbctl");
  const text = await machine.sh(journal);
  expect(text).not.toMatch(/EPERM|EACCES|runs without|could not be started/);
});

describe("without a capability", () => {
  test.each([
    ["NET_ADMIN", "EPERM: this needs CAP_NET_ADMIN"],
    ["NET_RAW", "not permitted to send VRRP adverts: CAP_NET_RAW is missing"],
    ["NET_BIND_SERVICE", "EACCES: ports below 1024 need root or CAP_NET_BIND_SERVICE"],
    ["SYS_NICE", "runs without vrrp_rt_priority: EPERM"],
    ["SETUID", "could not be started (EPERM)"],
    ["SETGID", "could not be started (EPERM)"],
    ["CHOWN", "EPERM: operation not permitted, chown"],
  ])("CAP_%s", async (capability, complaint) => {
    await startWith(`CapabilityBoundingSet=~CAP_${capability}`);
    await logs(complaint);
  });

  test("CAP_SYS_RESOURCE: a limit is not raised", async () => {
    await startWith("CapabilityBoundingSet=~CAP_SYS_RESOURCE");
    await machine.until(hasVip);
    await configure(config(3_000_000));
    await machine.sh("systemctl reload lbctl");
    await logs("vrrp_rlimit_rttime: EPERM");
  });

  test("CAP_IPC_LOCK: only a part is kept from being swapped", async () => {
    await startWith("CapabilityBoundingSet=~CAP_IPC_LOCK");
    await machine.until(hasVip);
    expect((await machine.exec(locksMemory)).status).toBe(1);
  });

  test("CAP_KILL: scripts of other users are not ended", async () => {
    await startWith("CapabilityBoundingSet=~CAP_KILL");
    await machine.until(outlives);
  });

  test.each([
    ["FOWNER", "may not change the mode of somebody's file"],
    ["DAC_OVERRIDE", "may not write somebody's file"],
  ])("CAP_%s: scripts lack it", async (capability, complaint) => {
    await startWith(`CapabilityBoundingSet=~CAP_${capability}`);
    expect(await scriptLog()).toContain(complaint);
  });
});

test("hardened.conf: it does its work, and scripts may look at things only", async () => {
  await startWith("");
  await machine.sh(`cp ${examples}/hardened.conf ${dropIn}/test.conf && systemctl daemon-reload`);
  await configure(config(2_000_000, { control_group: "root" }));
  await machine.sh("systemctl restart lbctl");
  await machine.until(hasVip);
  expect(await scriptLog()).toMatch(/may not write \/etc\n[\s\S]*may set a sysctl\n/);
  await machine.sh("systemctl reload lbctl");
});

test("unconfined.conf: scripts may what root may", async () => {
  await startWith("");
  await machine.sh(`cp ${examples}/unconfined.conf ${dropIn}/test.conf && systemctl daemon-reload`);
  await machine.sh("rm -f /run/script.log; systemctl restart lbctl");
  await machine.until(hasVip);
  expect(await scriptLog()).not.toContain("may not");
  // And what they mount is mounted for all.
  await machine.sh("mountpoint /mnt && umount /mnt && rm /usr/file");
});

test("net-namespace.conf: it runs in another namespace", async () => {
  await machine.sh(
    "ip netns add other && ip -n other link set lo up && ip -n other link add eth0 type veth peer name eth9",
  );
  await machine.sh(
    "ip -n other address add 192.0.2.1/24 dev eth0 && ip -n other link set eth0 up && ip -n other link set eth9 up",
  );
  await configure(config(2_000_000, {}, { net_namespace: "other" }));
  await startWith("");
  await logs("the network namespace other cannot be entered: EPERM");
  await machine.sh(`cp ${examples}/net-namespace.conf ${dropIn}/test.conf && systemctl daemon-reload`);
  await machine.sh("systemctl restart lbctl");
  await machine.until(`ip -n other address show dev eth0 | grep -q ${vip}`);
});
