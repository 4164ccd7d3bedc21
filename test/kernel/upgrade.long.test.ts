import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLoad } from "./client-load.ts";
import { type Daemon, type DirectorNode, directorNode } from "./lbctl.ts";
import { startRealServers } from "./real-servers.ts";
import { buildTopology, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";
import { virtualServer } from "./virtual-server.ts";

// An upgrade in place on a director that balances, and whose virtual addresses are those of its VRRP instance.

let guest: Guest;
let node: DirectorNode;
let daemon: Daemon;
/** Of all the supervisors: the job of the guest is the first one, and ends with it. */
let logFile: string;
const url = `http://${vips.nat.v4}/index.html`;
const runs = 12;

const config = {
  virtual_server: [
    virtualServer("NAT", "v4", { lvs_sched: "wrr", persistence_timeout: 600 }),
    virtualServer("NAT", "v6", { servers: ["r1", "r2"] }),
  ],
  vrrp_instance: [
    {
      name: "VI_1",
      ...{ interface: "eth0", virtual_router_id: 51, priority: 200, advert_int: 1 },
      virtual_ipaddress: ["192.0.2.240/24"],
    },
  ],
};

beforeAll(async () => {
  guest = await bootGuest();
  await buildTopology(guest);
  await startRealServers(guest);
  node = directorNode(guest, "d1");
  node.configure(config);
  logFile = join(guest.sharedDir, "upgrade.log");
  daemon = await node.start("-g", logFile);
  await daemon.logged(/-> master/);
});
afterAll(() => guest?.close());

/** Lines of VRRP are in a file beside it. */
const log = (process: "" | "_vrrp" = "") => readFileSync(logFile.replace(".log", `${process}.log`), "utf8");
const addresses = () => guest.sh("ip -o -4 address show dev eth0 to 192.0.2.240", { namespace: "d1" });

describe("lbctl upgrade under continuous load", () => {
  test(`${runs} times: no connection fails, nothing is written to the table, persistent clients stay where they are`, async () => {
    await expect
      .poll(async () => (await node.status()).virtual_servers.map(({ state }) => state))
      .toEqual(["up", "up"]);
    expect((await node.lbctl("weight", "198.51.100.23:80", "3")).status).toBe(0);
    const load = await startLoad(guest, { url, rate: 40 });
    const held = await startLoad(guest, { url, rate: 10, hold: true });
    // The template of a persistent client has port 0.
    await expect.poll(() => node.ipvsadm("-Lnc")).toMatch(/192\.0\.2\.100:0 /);
    const [table, before, address] = [await node.table(), await node.status(), await addresses()];
    expect(table.join("\n")).toContain("-w 3");
    for (let time = 0; time < runs; time++) {
      const { status, stdout, stderr } = await node.lbctl("upgrade", "--json");
      expect({ status, stderr }, `upgrade ${time}: ${stdout}\n${log()}\n${log("_vrrp")}\n${daemon.log()}`).toEqual({
        status: 0,
        stderr: "",
      });
      expect(JSON.parse(stdout)).toMatchObject({ upgraded: true, carried: "everything", reload: null });
      expect(await node.table()).toEqual(table);
    }
    const ready = log().match(/ready: .*/g) ?? [];
    expect(ready.slice(1)).toEqual(
      Array.from({ length: runs }, () => "ready: the table is as wanted, nothing written"),
    );
    expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
    expect(await held.stop()).toMatchObject({ failed: 0, failures: [] });

    const after = await node.status();
    expect(after.daemon.pid).not.toBe(before.daemon.pid);
    const health = ({ virtual_servers }: typeof before) =>
      virtual_servers.flatMap(({ real_servers }) =>
        real_servers.map(({ address, state, overrides, effective_weight }) => {
          return { address, state, overrides, effective_weight };
        }),
      );
    expect(health(after)).toEqual(health(before));
    // By the clock that runs while the machine sleeps, told as a time of day by each supervisor anew: some milliseconds apart.
    const since = ({ virtual_servers }: typeof before) =>
      virtual_servers.flatMap(({ real_servers }) => real_servers.map((real) => Date.parse(real.since)));
    for (const [index, time] of since(after).entries()) {
      expect(Math.abs(time - (since(before)[index] ?? 0))).toBeLessThan(1000);
    }
    expect(after.drift).toEqual(before.drift);
    expect(await addresses()).toBe(address);
    expect(log("_vrrp").match(/-> (backup|master)/g)).toEqual(["-> backup", "-> master"]);
  }, 1_200_000);

  test("a real server that dies afterwards is taken out, and SIGTERM removes what is ours", async () => {
    await guest.sh("pkill -f 'nginx.*r2' || true; ip link set eth1 down", { namespace: "r2" });
    await expect
      .poll(async () => (await node.table()).join("\n"), { timeout: 120_000 })
      .not.toContain("198.51.100.22:80");
    const { supervisor } = await daemon.pids();
    await guest.sh(`kill -TERM ${supervisor}; while kill -0 ${supervisor} 2>/dev/null; do sleep 0.1; done`);
    expect((await node.table()).filter(Boolean)).toEqual([]);
    expect(await addresses()).toBe("");
  });

  test("with -C it is the same without VRRP", async () => {
    daemon = await node.start("-C");
    await expect
      .poll(async () => (await node.status()).virtual_servers.map(({ state }) => state), { timeout: 120_000 })
      .toEqual(["up", "up"]);
    // It begins with all of them, also with the one that has died.
    await expect
      .poll(async () => (await node.table()).join("\n"), { timeout: 120_000 })
      .not.toMatch(/\.22:80|::22\]:80/);
    const vrrp = "pgrep -f '^lbctl: vrrp'";
    const load = await startLoad(guest, { url, rate: 40 });
    const table = await node.table();
    for (let time = 0; time < 3; time++) {
      const { status, stdout } = await node.lbctl("upgrade", "--json");
      expect(status, `${stdout}\n${daemon.log()}`).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ upgraded: true, carried: "everything", reload: null });
      expect(await node.table()).toEqual(table);
      expect((await guest.exec(vrrp)).status).toBe(1);
    }
    expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
    const { supervisor } = await daemon.pids();
    await guest.sh(`kill -TERM ${supervisor}; while kill -0 ${supervisor} 2>/dev/null; do sleep 0.1; done`);
    expect((await node.table()).filter(Boolean)).toEqual([]);
  });

  test("a table of 1500 destinations with as many checks goes along whole", async () => {
    const count = 1500;
    // Of equal checks there would be one.
    const real_server = Array.from({ length: count }, (_, index) => ({
      ...{ address: "198.51.100.21", port: 10_000 + index, weight: 1 },
      TCP_CHECK: { connect_port: 80, connect_timeout: 10 + index / 1000 },
    }));
    const service = (port: number, from: number) => ({
      ...{ address: vips.nat.v4, port, protocol: "TCP", lvs_sched: "wrr", lvs_method: "NAT", delay_loop: 20 },
      real_server: real_server.slice(from, from + 100),
    });
    node.configure({ virtual_server: Array.from({ length: count / 100 }, (_, at) => service(8000 + at, 100 * at)) });
    daemon = await node.start();
    const states = async () =>
      (await node.status()).virtual_servers.flatMap(({ real_servers }) => real_servers.map(({ state }) => state));
    const allUp = Array.from({ length: count }, () => "up");
    await expect.poll(states, { timeout: 120_000, interval: 2_000 }).toEqual(allUp);
    const table = await node.table();
    const { status, stdout } = await node.lbctl("upgrade", "--json");
    expect(status, `${stdout}\n${daemon.log()}`).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ upgraded: true, carried: "everything", reload: null });
    expect(await node.table()).toEqual(table);
    expect(await states()).toEqual(allUp);
    const { supervisor } = await daemon.pids();
    await guest.sh(`kill -TERM ${supervisor}; while kill -0 ${supervisor} 2>/dev/null; do sleep 0.1; done`);
  });
});
