import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stepsOf } from "../e2e/page.ts";
import { bootMachine, type Machine, managersRoot } from "../service/machine.ts";
import { buildPackages, type Packages } from "../service/packages.ts";
import { startLoad } from "./client-load.ts";
import { startRealServers } from "./real-servers.ts";
import { buildTopology, front, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

// A director that keepalived's package serves, on a kernel with IPVS that does not load it by itself; then lbctl in keepalived's own
// unit, as docs/operations.md has it, with the same file.

let guest: Guest;
let packages: Packages;
let machine: Machine;

const modules = join(import.meta.dirname, "../../.cache/uml/root/lib/modules");
const oldKernel = `cat >/run/modprobe <<'END'
#!/bin/sh
case "$*" in *-family-*) exit 1 ;; esac
exec /sbin/modprobe "$@"
END
chmod 755 /run/modprobe`;

beforeAll(async () => {
  packages = await buildPackages();
  cpSync(modules, join(packages.directory, "modules"), { recursive: true });
  guest = await bootGuest({ memoryMiB: 2048, modules: ["veth", "bridge"] });
  await buildTopology(guest, { activeDirector: "none" });
  await startRealServers(guest, ["r1", "r2"]);
  machine = await bootMachine({ host: guest, namespace: "d1", packages: packages.directory, root: managersRoot });
  await machine.sh(`mkdir -p /lib/modules && mount --bind /packages/modules /lib/modules\n${oldKernel}`);
  await guest.sh(`${oldKernel}\necho /run/modprobe >/proc/sys/kernel/modprobe`);
}, 900_000);
afterAll(async () => {
  await machine?.close();
  await guest?.close();
  packages?.remove();
});

const server = (name: "r1" | "r2") => `
  real_server ${front(name).v4} 80 {
    HTTP_GET {
      url {
        path /
        status_code 200
      }
      connect_timeout 3
    }
  }`;
const config = `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 100
  virtual_ipaddress {
    ${vips.dr.v4}/32
  }
}
virtual_server ${vips.dr.v4} 80 {
  protocol TCP
  delay_loop 1
  lb_algo rr
  lb_kind DR${server("r1")}${server("r2")}
}
`;

const hasIpvs = "test -e /proc/net/ip_vs";

async function serves(): Promise<void> {
  await machine.until(`ip address show dev eth0 | grep -q ${vips.dr.v4}`);
  await machine.until(`test "$(grep -c Route /proc/net/ip_vs)" = 2`);
  const load = await startLoad(guest, { url: `http://${vips.dr.v4}/`, rate: 20, deadlineMs: 30_000 });
  await machine.sh("sleep 1");
  const { ok, failed } = await load.stop();
  expect({ served: ok > 0, failed }).toEqual({ served: true, failed: 0 });
}

test("keepalived's unit with its word changed serves what it served, and loads IPVS as keepalived did", async () => {
  await machine.sh(`cat >/etc/keepalived/keepalived.conf <<'END'\n${config}END`);
  expect((await machine.exec(hasIpvs)).status).toBe(1);
  await machine.sh("systemctl start keepalived");
  await serves();
  await machine.sh("systemctl stop keepalived");
  await guest.sh("modprobe -r ip_vs_rr && modprobe -r ip_vs");
  expect((await machine.exec(hasIpvs)).status).toBe(1);

  await machine.sh(`apt-get install -y --no-install-recommends /packages/${packages.current}`, 300_000);
  for (const { command } of stepsOf("docs/operations.md", "Flags of keepalived")) await machine.sh(command, 300_000);
  await serves();
  expect(await machine.sh("journalctl -u keepalived --no-pager -o cat")).toContain(
    "this kernel had no IPVS, and has it now: /run/modprobe ip_vs",
  );
  await machine.sh("systemctl reload keepalived");
  await machine.sh("systemctl stop keepalived");
  const left = await machine.sh("cat /proc/net/ip_vs; ip address show dev eth0");
  expect(left).not.toContain("Route");
  expect(left).not.toContain(vips.dr.v4);
});
