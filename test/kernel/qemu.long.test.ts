import { afterAll, beforeAll, expect, test } from "vitest";
import { directorNode } from "./lbctl.ts";
import { bootQemuGuest } from "./qemu/qemu-guest.ts";
import { killRealServer, startRealServers } from "./real-servers.ts";
import { back, buildTopology, vips } from "./topology.ts";
import type { Guest } from "./uml/guest.ts";
import { virtualServer } from "./virtual-server.ts";

let guest: Guest;
beforeAll(async () => {
  guest = await bootQemuGuest();
}, 300_000);
afterAll(() => guest?.close());

test("the QEMU guest has a 6.12 kernel, several CPUs, and its newest scheduler", async () => {
  expect(await guest.sh("uname -r")).toMatch(/^6\.12\./);
  expect(await guest.sh("nproc")).toBe("2\n");
  await guest.sh("ipvsadm -A -t 192.0.2.1:80 -s twos");
});

test("traffic goes through it as in the user-mode Linux guest", async () => {
  await buildTopology(guest);
  await startRealServers(guest, ["r1", "r2"]);
  const virtual = `${vips.nat.v4}:80`;
  const rules = [
    `-A -t ${virtual} -s rr`,
    ...(["r1", "r2"] as const).map((name) => `-a -t ${virtual} -r ${back(name).v4}:80 -m`),
  ];
  await guest.sh(`ipvsadm -R <<'END'\n${rules.join("\n")}\nEND`, { namespace: "d1" });
  const url = `http://${virtual}/index.html`;
  const answers = await guest.sh(`curl -gsS -m 20 -H "Connection: close" ${url} ${url}`, { namespace: "c" });
  expect(answers.trim().split("\n").sort()).toEqual(["r1", "r2"]);
});

test("lbctl writes twos, changes to it and away from it, and takes a dead server out", async () => {
  const patienceMs = 400_000;
  const node = directorNode(guest, "d1", "/run/lbctl-d1", patienceMs);
  const configure = (lvs_sched: string) =>
    node.configure({
      virtual_server: virtualServer("NAT", "v4", { servers: ["r1", "r2"], lvs_sched, path: "/index.html" }),
    });
  const scheduler = async () => /-s (\w+)/.exec((await node.table())[0] ?? "")?.[1];
  const patiently = { timeout: patienceMs, interval: 1000 };
  await guest.sh("ipvsadm -C", { namespace: "d1" });
  configure("twos");
  const daemon = await node.start();
  expect(await scheduler()).toBe("twos");
  expect((await node.status()).virtual_servers[0]?.refused).toEqual([]);
  const url = `http://${vips.nat.v4}/index.html`;
  const ask = async () =>
    new Set(
      (await guest.sh(`curl -gsS -m 20 -H "Connection: close" ${Array(8).fill(url).join(" ")}`, { namespace: "c" }))
        .trim()
        .split("\n"),
    );
  for (const name of await ask()) expect(["r1", "r2"]).toContain(name);
  await killRealServer(guest, "r2");
  await expect.poll(async () => (await node.table()).length, patiently).toBe(2);
  expect(await ask()).toEqual(new Set(["r1"]));
  for (const next of ["rr", "twos"]) {
    configure(next);
    expect((await node.request("POST /v1/reload", null)).status).toBe(200);
    expect(await scheduler()).toBe(next);
  }
  await daemon.stop();
}, 1_200_000);
