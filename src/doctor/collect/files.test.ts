import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { saysSynchronised } from "./clock.ts";
import { managerOf } from "./managers.ts";
import { moduleStates } from "./modules.ts";
import { confinementBy } from "./proc.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lbctl-doctor-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test("systemd-networkd: the file of an interface, and what adds to it", () => {
  const file = "/etc/systemd/network/10-eth0.network";
  expect(managerOf(2, root)).toBeNull();
  write("run/systemd/netif/links/2", `ADMIN_STATE=configured\nNETWORK_FILE=${file}\n`);
  write(file, "[Match]\nName=eth0\n[Network]\nAddress=192.0.2.1/24\n");
  const managed = (keepsConfiguration: boolean) => ({ kind: "systemd-networkd", file, keepsConfiguration });
  expect(managerOf(2, root)).toEqual(managed(false));
  write(`${file}.d/lbctl.conf`, "[Network]\nKeepConfiguration = static\n");
  expect(managerOf(2, root)).toEqual(managed(true));
  write(`${file}.d/zz.conf`, "[Network]\nKeepConfiguration=no\n");
  expect(managerOf(2, root)).toEqual(managed(false));
  write("run/systemd/netif/links/2", `ADMIN_STATE=unmanaged\nNETWORK_FILE=${file}\n`);
  expect(managerOf(2, root)).toBeNull();
});

test("NetworkManager: interfaces that it manages", () => {
  write("run/NetworkManager/devices/3", "[device]\nmanaged=true\n");
  write("run/NetworkManager/devices/4", "[device]\nmanaged=false\n");
  expect([managerOf(3, root), managerOf(4, root)]).toEqual([{ kind: "NetworkManager" }, null]);
});

test("modules: loaded, built in, loadable, missing; unknown where no file says it", () => {
  const names = ["ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_twos", "macvlan"];
  expect(new Set(Object.values(moduleStates(names, "6.1.0", root)))).toEqual(new Set(["unknown"]));
  write("proc/modules", "ip_vs 192512 2 ip_vs_rr, Live 0x0\n");
  write("lib/modules/6.1.0/modules.builtin", "kernel/net/netfilter/ipvs/ip-vs-rr.ko\n");
  write(
    "lib/modules/6.1.0/modules.dep",
    "kernel/net/ip_vs.ko.xz:\nkernel/net/netfilter/ipvs/ip_vs_wrr.ko.xz: kernel/net/ip_vs.ko.xz\n",
  );
  mkdirSync(join(root, "sys/module/macvlan"), { recursive: true });
  expect(moduleStates(names, "6.1.0", root)).toEqual({
    ...{ ip_vs: "loaded", ip_vs_rr: "built-in", ip_vs_wrr: "loadable", ip_vs_twos: "missing", macvlan: "built-in" },
  });
});

test("chronyc tracking: synchronised or not, and nothing that is not its line", () => {
  const numbers =
    "0A090002,10.9.0.2,4,1795313795.07,-0.000006,0.000006,0.000006,21.863,0.093,28.888,0.000040,0.00006,1.0";
  expect(saysSynchronised(`${numbers},Normal\n`)).toBe(true);
  expect(saysSynchronised(`${numbers},Not synchronised\n`)).toBe(false);
  for (const text of ["", "506 Cannot talk to daemon\n", "Normal", `${numbers},,Normal`])
    expect(saysSynchronised(text)).toBe(false);
});

test("/proc/PID/attr/current: AppArmor's modes, SELinux's, and nobody", () => {
  expect(confinementBy("lbctl (enforce)", null)).toEqual({ context: "lbctl (enforce)", enforced: true });
  expect(confinementBy("/usr/bin/lbctl (complain)", null)?.enforced).toBe(false);
  const domain = "system_u:system_r:keepalived_t:s0";
  expect(["1", "0", null].map((enforce) => confinementBy(domain, enforce)?.enforced)).toEqual([true, false, true]);
  const nobody = ["", "kernel", "unconfined", "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023"];
  expect(nobody.map((context) => confinementBy(context, "1"))).toEqual([null, null, null, null]);
});
