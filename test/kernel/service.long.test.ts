import { afterAll, beforeAll, expect, test } from "vitest";
import { bootMachine, type Machine } from "../service/machine.ts";
import { buildPackages, type Packages } from "../service/packages.ts";
import { startLoad } from "./client-load.ts";
import { startRealServers } from "./real-servers.ts";
import { buildTopology, front, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

// The .deb on Debian booted by systemd, on a kernel with IPVS: a director with a VIP by VRRP and two real servers behind it (DR),
// under load in whatever an administrator does with a service.

let guest: Guest;
let packages: Packages;
let machine: Machine;

beforeAll(async () => {
  packages = await buildPackages();
  guest = await bootGuest({ memoryMiB: 2048 });
  await buildTopology(guest, { activeDirector: "none" });
  await startRealServers(guest, ["r1", "r2"]);
  machine = await bootMachine({ host: guest, namespace: "d1", packages: packages.directory });
}, 600_000);
afterAll(async () => {
  await machine?.close();
  await guest?.close();
  packages?.remove();
});

const config = (weight: number) => ({
  vrrp_instance: [
    {
      ...{ name: "VI_1", interface: "eth0", virtual_router_id: 51, version: 3, priority: 100, advert_int: 1 },
      virtual_ipaddress: [`${vips.dr.v4}/32`],
    },
  ],
  virtual_server: [
    {
      ...{ address: vips.dr.v4, port: 80, protocol: "TCP", delay_loop: 1, lvs_sched: "wrr", lvs_method: "DR" },
      real_server: (["r1", "r2"] as const).map((name) => ({
        ...{ address: front(name).v4, port: 80, weight },
        HTTP_GET: { url: { path: "/", status_code: 200 }, connect_timeout: 3 },
      })),
    },
  ],
});

const configure = (text: object) =>
  machine.sh(`mkdir -p /etc/lbctl; cat >/etc/lbctl/lbctl.yaml <<'END'\n${JSON.stringify(text)}\nEND`);

/** Until the VIP is here and both real servers are in the table. */
async function isServing(): Promise<void> {
  await machine.until("systemctl is-active --quiet lbctl", 1);
  await machine.until(`ip address show dev eth0 | grep -q ${vips.dr.v4}`);
  await machine.until(`test "$(ipvsadm -Ln | grep -c 'Route')" = 2`);
}

/** Requests that failed while `operation` was carried out, and until all was well again. */
async function failuresDuring(what: string, operation: () => Promise<unknown>): Promise<number> {
  await isServing();
  const load = await startLoad(guest, { url: `http://${vips.dr.v4}/`, rate: 20, deadlineMs: 30_000 });
  await operation();
  await isServing();
  const summary = await load.stop();
  const { total, failed, byReason, latencyMs } = summary;
  const times = summary.failures.map(({ startedAtMs }) => startedAtMs);
  const spanMs = times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
  console.log(`${what}: ${JSON.stringify({ total, failed, spanMs, byReason, latencyMs })}`);
  return failed;
}

const supervisor = () => machine.sh("systemctl show -p MainPID --value lbctl");
const child = (role: "checker" | "vrrp") => machine.sh(`pgrep -f '^lbctl: ${role}'`);
/** When the supervisor died, and what became of VRRP, for who reads the figures. */
const vrrpLines = () =>
  machine.sh(
    "journalctl -u lbctl --no-pager -o short-precise | grep -E 'Main process exited|Starting|runs as process|waiting for|initialize -> ' | tail -n 6",
  );
/** What the director that runs now did with the table when it began. */
const adoptions = () => machine.sh("journalctl -u lbctl --no-pager -o cat | grep adopted");
const adoptedAll = /^adopted 1 service with 2 destinations of the table found, no operations$/;

test("installed, it waits for a configuration; with one it serves", async () => {
  await machine.sh(`apt-get install -y --no-install-recommends /packages/${packages.current}`, 300_000);
  expect((await machine.exec("systemctl is-enabled lbctl; systemctl is-active lbctl")).stdout).toBe(
    "enabled\ninactive\n",
  );
  await configure(config(1));
  await machine.sh("systemctl start lbctl");
  await isServing();
});

test("a reload, and one that is refused, fail no request", async () => {
  const failed = await failuresDuring("reload", async () => {
    await configure(config(2));
    await machine.sh("systemctl reload lbctl");
    await configure({ virtual_servr: [] });
    expect((await machine.exec("systemctl reload lbctl")).status).toBe(1);
    await configure(config(3));
    await machine.sh("systemctl reload lbctl");
  });
  expect(failed).toBe(0);
  expect(await machine.sh("ipvsadm -Sn")).toContain("-w 3");
});

test("a supervisor that hangs is replaced by the watchdog; its address stays", async () => {
  const hung = await supervisor();
  await failuresDuring("watchdog", async () => {
    await machine.sh(`kill -STOP ${hung}`);
    await machine.until(`! kill -0 ${hung.trim()} 2>/dev/null`);
    await machine.until(`test "$(systemctl show -p MainPID --value lbctl)" != ${hung.trim()}`, 1);
  });
  expect(await machine.sh("journalctl -u lbctl --no-pager")).toContain("Watchdog timeout");
  console.log(await vrrpLines());
  expect((await adoptions()).trim().split("\n").at(-1)).toMatch(adoptedAll);
});

test.each([
  ["checker", 0],
  // Its addresses stay until it is replaced; then it has been silent for so long that it asks first who else has them.
  ["vrrp", Number.POSITIVE_INFINITY],
] as const)("a hung %s process is replaced by the supervisor", async (role, atMost) => {
  const [main, hung] = [await supervisor(), await child(role)];
  const failed = await failuresDuring(`hung ${role}`, async () => {
    await machine.sh(`kill -STOP ${hung}`);
    await machine.until(`! kill -0 ${hung.trim()} 2>/dev/null && pgrep -f '^lbctl: ${role}' >/dev/null`);
  });
  expect(failed).toBeLessThanOrEqual(atMost);
  expect(await supervisor()).toBe(main);
});

test("restart", async () => {
  await failuresDuring("restart", () => machine.sh("systemctl restart lbctl"));
});

test("restart with -I -V: the table is left alone; without a peer the address is away for as long as a backup listens", async () => {
  await machine.sh(`sed -i 's/^LBCTL_ARGS=.*/LBCTL_ARGS="-I -V"/' /etc/default/lbctl && systemctl restart lbctl`);
  await failuresDuring("restart with -I -V", () => machine.sh("systemctl restart lbctl"));
  expect((await adoptions()).trim().split("\n").at(-1)).toMatch(adoptedAll);
  await machine.sh(`sed -i 's/^LBCTL_ARGS=.*/LBCTL_ARGS=""/' /etc/default/lbctl && systemctl restart lbctl`);
});

test("an upgrade of the package fails no request, and the service can still be stopped in order", async () => {
  const table = await machine.sh("ipvsadm -Sn");
  const before = await supervisor();
  const failed = await failuresDuring("upgrade", () =>
    machine.sh(`apt-get install -y --no-install-recommends /packages/${packages.next}`, 300_000),
  );
  expect(failed).toBe(0);
  expect(JSON.parse(await machine.sh("lbctl status --json")).daemon.version).toBe(packages.nextVersion);
  expect(await supervisor()).not.toBe(before);
  expect(await machine.sh("ipvsadm -Sn")).toBe(table);
  await machine.sh("systemctl stop lbctl");
  expect(await machine.sh("ipvsadm -Sn; ip address show dev eth0")).not.toContain(vips.dr.v4);
  await machine.sh("systemctl start lbctl");
  await isServing();
});

test("a director that came by an upgrade is started again when it dies", async () => {
  await machine.sh("systemctl reload lbctl; lbctl upgrade");
  const upgraded = await supervisor();
  await failuresDuring("SIGKILL", async () => {
    await machine.sh(`kill -KILL ${upgraded}`);
    await machine.until(`test "$(systemctl show -p NRestarts --value lbctl)" -ge 1`, 1);
  });
  expect(await supervisor()).not.toBe(upgraded);
  console.log(await vrrpLines());
  expect((await adoptions()).trim().split("\n").at(-1)).toMatch(adoptedAll);
});

test("a purge leaves nothing", async () => {
  const load = await startLoad(guest, { url: `http://${vips.dr.v4}/`, rate: 20, deadlineMs: 2000 });
  await machine.sh("apt-get purge -y lbctl");
  const { total, failed, ok } = await load.stop();
  console.log(`purge: ${JSON.stringify({ total, failed })}`);
  // Until the service is stopped, it serves.
  expect(ok).toBeGreaterThan(0);
  const left = "ls -d /etc/lbctl /etc/default/lbctl /var/lib/lbctl /var/cache/lbctl /run/lbctl /usr/lib/lbctl";
  expect((await machine.exec(left)).stdout).toBe("");
  expect(await machine.sh("ipvsadm -Sn; ip address show dev eth0")).not.toContain(vips.dr.v4);
});
