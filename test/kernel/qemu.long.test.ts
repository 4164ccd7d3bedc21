import { afterAll, beforeAll, expect, test } from "vitest";
import { bootQemuGuest } from "./qemu/qemu-guest.ts";
import { startRealServers } from "./real-servers.ts";
import { back, buildTopology, vips } from "./topology.ts";
import type { Guest } from "./uml/guest.ts";

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
