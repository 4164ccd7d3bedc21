import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startLoad } from "./client-load.ts";
import { type Daemon, type DirectorNode, directorNode } from "./lbctl.ts";
import { startRealServers } from "./real-servers.ts";
import { back, buildTopology, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";
import { virtualServer } from "./virtual-server.ts";

let guest: Guest;
let node: DirectorNode;
let daemon: Daemon;

// What lbctl must never touch: a service of somebody else, with a destination of its own.
const foreignDestination = "-a -t 192.0.2.11:9999 -r 198.51.100.99:9999 -m -w 7";
const foreign = ["-A -t 192.0.2.11:9999 -s wlc", foreignDestination];
const services = [
  virtualServer("NAT", "v4", { lvs_sched: "wrr" }),
  virtualServer("NAT", "v6"),
  virtualServer("DR", "v4", { protocol: "UDP" }),
];
const url = `http://${vips.nat.v4}/index.html`;

/** The whole table as it should be. */
const wanted = () =>
  [
    ...foreign,
    `-A -t ${vips.nat.v4}:80 -s wrr`,
    `-A -t [${vips.nat.v6}]:80 -s rr`,
    `-A -u ${vips.dr.v4}:7 -s rr`,
    ...(["r1", "r2", "r3"] as const).flatMap((name, index) => [
      `-a -t ${vips.nat.v4}:80 -r ${back(name).v4}:80 -m -w 1`,
      `-a -t [${vips.nat.v6}]:80 -r [${back(name).v6}]:80 -m -w 1`,
      `-a -u ${vips.dr.v4}:7 -r 192.0.2.${21 + index}:7 -g -w 1`,
    ]),
  ].sort();

beforeAll(async () => {
  guest = await bootGuest();
  await buildTopology(guest);
  await startRealServers(guest);
  node = directorNode(guest, "d1");
  await guest.sh(`ipvsadm -R <<'END'\n${foreign.join("\n")}\nEND`, { namespace: "d1" });
  node.configure({ global_defs: { reconcile_interval: 2 }, virtual_server: services });
  daemon = await node.start();
});
afterAll(() => guest?.close());

const tableIsWanted = () => expect.poll(() => node.table()).toEqual(wanted());
beforeEach(tableIsWanted);

describe("under continuous load, no connection to a healthy server fails when", () => {
  test("the checker process is killed: the table stays, is adopted, and nothing is written", async () => {
    const load = await startLoad(guest, { url, rate: 40 });
    const held = await startLoad(guest, { url, rate: 10, hold: true });
    const before = await daemon.pids();
    await guest.sh(`kill -KILL ${before.checker}`);
    expect(await node.table()).toEqual(wanted());
    await daemon.logged(
      /checker process \d+ ended \(signal SIGKILL\)[\s\S]*ready: the table is as wanted, nothing written/,
    );
    const after = await daemon.pids();
    expect(after.supervisor).toBe(before.supervisor);
    expect(after.checker).not.toBe(before.checker);
    await guest.sh("sleep 2");
    expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
    expect(await held.stop()).toMatchObject({ failed: 0, failures: [] });
    const { virtual_servers } = await node.status();
    const states = virtual_servers.flatMap(({ real_servers }) => real_servers.map(({ state }) => state));
    expect(new Set(states)).toEqual(new Set(["up"]));
  });

  test("the supervisor is killed: its children end, the table stays, the next daemon adopts it", async () => {
    const load = await startLoad(guest, { url, rate: 40 });
    const held = await startLoad(guest, { url, rate: 10, hold: true });
    const { supervisor, checker } = await daemon.pids();
    await guest.sh(`kill -KILL ${supervisor}`);
    await daemon.job.done;
    // At once, while the old checker may still be there: the lock keeps the two apart.
    daemon = await node.start();
    expect(daemon.log()).toContain("ready: the table is as wanted, nothing written");
    expect(daemon.log()).toMatch(/pid file .* is stale: process \d+ is gone/);
    expect(await guest.exec(`kill -0 ${checker}`)).toMatchObject({ status: 1 });
    expect(await node.table()).toEqual(wanted());
    expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
    expect(await held.stop()).toMatchObject({ failed: 0, failures: [] });
  });

  test("lbctl is stopped with -I and started again", async () => {
    expect(await daemon.stop()).toMatchObject({ status: 0 });
    daemon = await node.start("-I");
    const load = await startLoad(guest, { url, rate: 40 });
    const held = await startLoad(guest, { url, rate: 10, hold: true });
    expect(await daemon.stop()).toMatchObject({ status: 0 });
    expect(await node.table()).toEqual(wanted());
    daemon = await node.start();
    expect(daemon.log()).toContain("ready: the table is as wanted, nothing written");
    expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
    expect(await held.stop()).toMatchObject({ failed: 0, failures: [] });
  });
});

test("two daemons in one namespace: the second waits for the table and writes nothing while the first lives", async () => {
  const other = directorNode(guest, "d1", "/run/lbctl-other");
  other.configure({ virtual_server: [virtualServer("DR", "v6")] });
  const waiting = guest.start(`exec ${other.command("run", "-f", other.configFile, "--log", "console")}`, {
    namespace: "d1",
    timeoutMs: 600_000,
  });
  await expect.poll(() => waiting.stderr()).toMatch(/waiting for .* to let go of the table/);
  await guest.sh("sleep 3");
  expect(await node.table()).toEqual(wanted());
  const { supervisor } = await daemon.pids();
  await guest.sh(`kill -KILL ${supervisor}`);
  await daemon.job.done;
  // A killed daemon's services stay; the successor of another configuration adds its own beside them.
  await expect.poll(() => waiting.stderr()).toContain("ready: 1 new-service, 3 new-destination");
  waiting.signal("TERM");
  expect(await waiting.done).toMatchObject({ status: 0 });
  daemon = await node.start();
});

test("a checker that hangs when its supervisor is killed is killed with it", async () => {
  const { supervisor, checker } = await daemon.pids();
  await guest.sh(`kill -STOP ${checker}; kill -KILL ${supervisor}`);
  await daemon.job.done;
  daemon = await node.start();
  expect(daemon.log()).toContain("ready: the table is as wanted, nothing written");
  expect(await guest.exec(`kill -0 ${checker}`)).toMatchObject({ status: 1 });
});

const daemonPids = async () => (await guest.sh("pgrep -x lbctl || true")).trim().split("\n").filter(Boolean);

describe("what others do to our part of the table is repaired within the period, and counted", () => {
  const vip = `${vips.nat.v4}:80`;
  test.each([
    ["the table is flushed (ipvsadm -C)", "-C", foreign],
    ["a service is deleted", `-D -t ${vip}`, []],
    ["a destination is deleted", `-d -t ${vip} -r ${back("r1").v4}:80`, []],
    ["a stray destination is added", `-a -t ${vip} -r 198.51.100.77:80 -m`, []],
    ["a weight is changed", `-e -t ${vip} -r ${back("r2").v4}:80 -m -w 50`, []],
    ["a scheduler is changed", `-E -t ${vip} -s lc`, []],
    ["a forwarding method is changed", `-e -t ${vip} -r ${back("r3").v4}:80 -g -w 1`, []],
  ] as const)("%s", async (_what, words, restored) => {
    const before = (await node.status()).drift.repaired_total;
    await node.ipvsadm(words);
    // The flush takes the foreign service with it: that is its owner's business, here the test's.
    for (const line of restored) await node.ipvsadm(line);
    await tableIsWanted();
    // The table is written before it is told.
    await expect.poll(async () => (await node.status()).drift.repaired_total).toBeGreaterThan(before);
    const { drift } = await node.status();
    expect(drift.last?.what).toMatch(/found .* wanted .*: repaired/);
    await daemon.logged(`drift ${drift.last?.what}`);
  });

  test("a foreign service stays as it is, and is not reported as ours", async () => {
    await node.ipvsadm("-e -t 192.0.2.11:9999 -r 198.51.100.99:9999 -m -w 3");
    await guest.sh("sleep 5");
    expect(await node.table()).toContain(foreignDestination.replace("-w 7", "-w 3"));
    await node.ipvsadm("-e -t 192.0.2.11:9999 -r 198.51.100.99:9999 -m -w 7");
    const { virtual_servers } = await node.status();
    expect(JSON.stringify(virtual_servers)).not.toContain("9999");
  });
});

test("a second daemon in the same namespace is refused, and the first is not disturbed", async () => {
  const second = await node.lbctl("run", "-f", node.configFile);
  expect(second.status).toBe(1);
  expect(second.stderr).toMatch(/lbctl already runs as process \d+/);
  expect(await node.table()).toEqual(wanted());
  expect((await node.status()).daemon.checker).toBe("running");
});

test("an ordered stop removes what is ours also while the checker process is away, or still starts", async () => {
  const { supervisor, checker } = await daemon.pids();
  await guest.sh(`kill -KILL ${checker} && kill -TERM ${supervisor}`);
  expect(await daemon.job.done).toMatchObject({ status: 0 });
  expect(await node.table()).toEqual([...foreign].sort());

  daemon = await node.start("-I");
  await daemon.stop();
  expect(await node.table()).toEqual(wanted());
  const job = guest.start(`exec ${node.command("run", "-f", node.configFile, "--log", "console")}`, {
    namespace: "d1",
  });
  await expect.poll(() => job.stderr()).toContain("runs as process");
  await guest.sh("pkill -TERM -x lbctl");
  expect(await job.done).toMatchObject({ status: 0 });
  expect(await node.table()).toEqual([...foreign].sort());
  daemon = await node.start();
});

test("SIGTERM removes what is ours and nothing else; pkill reaches every process and does the same", async () => {
  expect(await daemon.stop()).toMatchObject({ status: 0 });
  expect(await node.table()).toEqual([...foreign].sort());
  daemon = await node.start();
  await tableIsWanted();
  await guest.sh("killall -0 lbctl && pkill -x lbctl");
  expect(await daemon.job.done).toMatchObject({ status: 0 });
  expect(await node.table()).toEqual([...foreign].sort());
  expect(await daemonPids()).toEqual([]);
});
