import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PlanResult, ReloadResult } from "../../src/control/api.ts";
import { startLoad } from "./client-load.ts";
import { type Daemon, type DirectorNode, directorNode } from "./lbctl.ts";
import { startRealServers } from "./real-servers.ts";
import { back, buildTopology, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";
import { virtualServer } from "./virtual-server.ts";

let guest: Guest;
let node: DirectorNode;
let daemon: Daemon;

beforeAll(async () => {
  guest = await bootGuest();
  await buildTopology(guest);
  await startRealServers(guest);
  node = directorNode(guest, "d1");
  node.configure({
    virtual_server: [virtualServer("NAT", "v4", { servers: ["r1", "r2"] }), virtualServer("NAT", "v6")],
  });
  daemon = await node.start();
});
afterAll(() => guest?.close());

const none = {
  "new-service": 0,
  "set-service": 0,
  "del-service": 0,
  "new-destination": 0,
  "set-destination": 0,
  "del-destination": 0,
};

async function reload(): Promise<ReloadResult> {
  const { status, stdout, stderr } = await node.lbctl("reload", "--json");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

async function plan(): Promise<PlanResult> {
  const { status, stdout, stderr } = await node.lbctl("plan", "--json");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

test("a reload without a change writes nothing, and keeps health and its age", async () => {
  const before = (await node.status()).virtual_servers[0]?.real_servers[0];
  expect(await reload()).toMatchObject({ generation: 2, operations: none, refused: [] });
  const after = (await node.status()).virtual_servers[0]?.real_servers[0];
  expect(after?.state).toBe("up");
  expect(after?.since).toBe(before?.since);
});

test("plan shows what reload then does: scheduler, weight, one server more, one service more, and nothing else", async () => {
  const load = await startLoad(guest, { url: `http://${vips.nat.v4}/index.html`, rate: 40 });
  const first = virtualServer("NAT", "v4", { lvs_sched: "wrr" });
  const real_server = first.real_server.map((server, index) => (index === 1 ? { ...server, weight: 3 } : server));
  const services = [
    { ...first, real_server },
    virtualServer("NAT", "v6"),
    virtualServer("DR", "v4", { servers: ["r3"] }),
  ];
  node.configure({ virtual_server: services });
  const before = await node.table();

  const { operations } = await plan();
  expect(operations.map(({ kind, object }) => `${kind} ${object}`).sort()).toEqual([
    `new-destination TCP ${vips.nat.v4}:80 -> ${back("r3").v4}:80`,
    `new-destination TCP ${vips.dr.v4}:80 -> 192.0.2.23:80`,
    `new-service TCP ${vips.dr.v4}:80`,
    `set-destination TCP ${vips.nat.v4}:80 -> ${back("r2").v4}:80`,
    `set-service TCP ${vips.nat.v4}:80`,
  ]);
  expect(await node.table()).toEqual(before);

  const counted = { ...none, "new-service": 1, "set-service": 1, "new-destination": 2, "set-destination": 1 };
  expect(await reload()).toMatchObject({ operations: counted, refused: [] });
  expect(await node.table()).toEqual(
    expect.arrayContaining([
      `-A -t ${vips.nat.v4}:80 -s wrr`,
      `-a -t ${vips.nat.v4}:80 -r ${back("r2").v4}:80 -m -w 3`,
      `-A -t ${vips.dr.v4}:80 -s rr`,
    ]),
  );
  expect((await plan()).operations).toEqual([]);
  const summary = await load.stop();
  expect(summary.failures).toEqual([]);
});

test("removing a service and a server removes just those", async () => {
  node.configure({
    virtual_server: [
      virtualServer("NAT", "v4", { servers: ["r1", "r2"], lvs_sched: "wrr" }),
      virtualServer("NAT", "v6"),
    ],
  });
  const counted = { ...none, "del-service": 1, "del-destination": 1, "set-destination": 1 };
  expect(await reload()).toMatchObject({ operations: counted });
  expect((await node.table()).length).toBe(2 + 2 + 3);
});

test("a broken file is refused with its place, by reload, plan and SIGHUP; the old state keeps running", async () => {
  const before = await node.table();
  writeFileSync(node.configFile, "virtual_server:\n  - name: web\n    adress: 192.0.2.200\n    port: 80\n");
  for (const command of ["reload", "plan"]) {
    const { status, stderr } = await node.lbctl(command);
    expect(status).toBe(3);
    expect(stderr).toContain(`${node.configFile}:3:5: error[unknown-keyword]`);
    expect(stderr).toContain('did you mean "address"?');
  }
  const reloads = () => daemon.log().split("reload refused, configuration").length - 1;
  const refused = reloads();
  daemon.job.signal("HUP");
  await expect.poll(reloads).toBe(refused + 1);
  expect(await node.table()).toEqual(before);
  const status = await node.status();
  expect(status.daemon.reload_refused?.reason).toContain('"adress" is not a keyword');
  expect(status.virtual_servers.map(({ state }) => state)).toEqual(["up", "up"]);
});

test("a scheduler that the kernel has no module for is reported, and stops nothing else", async () => {
  // As on a kernel that was built without it: nothing can be loaded any more.
  await guest.sh("cat /proc/sys/kernel/modprobe >/run/modprobe; echo /bin/false >/proc/sys/kernel/modprobe");
  const services = [
    virtualServer("NAT", "v4", { lvs_sched: "mh" }),
    virtualServer("NAT", "v6"),
    virtualServer("DR", "v6", { lvs_sched: "lblcr" }),
  ];
  node.configure({ virtual_server: services });
  const { status, stdout, stderr } = await node.lbctl("reload");
  expect(status).toBe(1);
  expect(stdout).toContain("is in force");
  expect(stderr).toMatch(new RegExp(`refused: set-service TCP ${vips.nat.v4}:80: ENOENT: .*mh.*modprobe ip_vs_mh`));
  expect(stderr).toMatch(new RegExp(`refused: new-service TCP \\[${vips.dr.v6}\\]:80: ENOENT: .*lblcr`));
  const { virtual_servers } = await node.status();
  expect(virtual_servers[0]?.refused).toEqual([
    { object: `TCP ${vips.nat.v4}:80`, cause: expect.stringContaining("modprobe ip_vs_mh") },
  ]);
  expect(virtual_servers[1]?.refused).toEqual([]);
  // A refused service makes its destinations consequences, not further errors.
  expect(virtual_servers[2]?.refused).toHaveLength(1);
  // The kernel's refusal leaves the service that was there as it was: it goes on with its old scheduler.
  expect(await node.table()).toContain(`-A -t ${vips.nat.v4}:80 -s wrr`);

  await guest.sh("cat /run/modprobe >/proc/sys/kernel/modprobe");
  await expect
    .poll(() => node.table())
    .toEqual(expect.arrayContaining([`-A -t ${vips.nat.v4}:80 -s mh`, `-A -t [${vips.dr.v6}]:80 -s lblcr`]));
  await daemon.logged(/refused -> settled .*mh/);
  expect((await node.status()).virtual_servers.flatMap(({ refused }) => refused)).toEqual([]);
});

test("SIGHUP reloads", async () => {
  node.configure({ virtual_server: [virtualServer("NAT", "v6", { lvs_sched: "wlc" })] });
  daemon.job.signal("HUP");
  await daemon.logged(/reload: configuration \d+ is in force: 1 set-service, 2 del-service/);
  expect((await node.table()).filter((line) => line.startsWith("-A"))).toEqual([`-A -t [${vips.nat.v6}]:80 -s wlc`]);
});

test("a service of 300 destinations, which is written before it is read: also what somebody else changed comes right", async () => {
  const count = 300;
  const at = (index: number) => `198.51.100.21:${10_000 + index}`;
  const real_server = Array.from({ length: count }, (_, index) => ({
    ...{ address: "198.51.100.21", port: 10_000 + index, weight: 1 },
  }));
  const service = { address: vips.nat.v4, port: 9000, protocol: "TCP", lvs_sched: "wrr", lvs_method: "NAT" };
  node.configure({ virtual_server: [{ ...service, real_server }] });
  await reload();
  const [of, key] = [(index: number) => `-a -t ${vips.nat.v4}:9000 -r ${at(index)} -m`, `-t ${vips.nat.v4}:9000`];
  const destinations = async () => (await node.table()).filter((line) => line.includes(" -r ")).sort();
  const expected = new Map(Array.from({ length: count }, (_, index) => [index, `${of(index)} -w 1`]));
  const isAsWanted = () => expect.poll(destinations).toEqual([...expected.values()].sort());
  await isAsWanted();

  // Gone, and given another weight, when lbctl writes to them; one that is in the way of what is put back.
  await node.ipvsadm(`-d ${key} -r ${at(1)}`);
  await node.ipvsadm(`-e ${key} -r ${at(2)} -m -w 9`);
  for (const [command, index, weight] of [
    ["weight", 0, 5],
    ["weight", 1, 6],
    ["weight", 2, 7],
    ["drain", 3, 0],
  ] as const) {
    const words = command === "weight" ? [at(index), `${weight}`] : [at(index)];
    expect(await node.lbctl(command, ...words)).toMatchObject({ status: 0 });
    expected.set(index, `${of(index)} -w ${weight}`);
  }
  expect(await node.lbctl("disable", at(4))).toMatchObject({ status: 0 });
  const inTheWay = expected.get(4) ?? "";
  expected.delete(4);
  await isAsWanted();
  await node.ipvsadm(`-a ${key} -r ${at(4)} -m -w 3`);
  expect(await node.lbctl("enable", at(4))).toMatchObject({ status: 0 });
  expected.set(4, inTheWay);
  await isAsWanted();
});
