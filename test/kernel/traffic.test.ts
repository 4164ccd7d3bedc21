import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StatusDocument } from "../../src/control/status-document.ts";
import { startLoad } from "./client-load.ts";
import { type Daemon, type DirectorNode, directorNode } from "./lbctl.ts";
import { echoPort, htmlDir, killRealServer, startRealServers } from "./real-servers.ts";
import { back, buildTopology, type RealServerName, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";
import { endpoint, removalBoundMs, virtualServer } from "./virtual-server.ts";

const names: readonly RealServerName[] = ["r1", "r2", "r3"];
const udpAsk = join(import.meta.dirname, "guest/udp-ask.pl");
const methods = ["NAT", "DR", "TUN"] as const;
const families = ["v4", "v6"] as const;
const vipOf = { NAT: vips.nat, DR: vips.dr, TUN: vips.tun } as const;
// Slow machines: what a bound promises plus what a busy guest takes to look.
const slackMs = 5_000;

const services = methods.flatMap((method) =>
  families.flatMap((family) => [virtualServer(method, family), virtualServer(method, family, { protocol: "UDP" })]),
);

let guest: Guest;
let node: DirectorNode;
let daemon: Daemon;

beforeAll(async () => {
  guest = await bootGuest();
  await buildTopology(guest);
  await startRealServers(guest, names);
  node = directorNode(guest, "d1");
  node.configure({ virtual_server: services });
  daemon = await node.start();
});
afterAll(() => guest?.close());

const sorted = (output: string) => output.trim().split("\n").sort();

describe.each(methods)("%s", (method) => {
  test.each(families)("IP%s: TCP and UDP reach every real server", async (family) => {
    const vip = vipOf[method][family];
    const url = `http://${family === "v6" ? `[${vip}]` : vip}/index.html`;
    const get = `curl -gsS -m 5 -H "Connection: close" ${url} ${url} ${url}`;
    expect(sorted(await guest.sh(get, { namespace: "c" }))).toEqual(names);
    const udp = await guest.sh(`perl "${udpAsk}" ${vip} ${echoPort} 3`, { namespace: "c" });
    expect(sorted(udp).map((line) => line.slice(0, 2))).toEqual(names);
  });
});

test("status and ipvsadm agree on every virtual and real server", async () => {
  const printedStatus = await node.lbctl("status", "--json");
  expect(printedStatus).toMatchObject({ status: 0, stderr: "" });
  const { virtual_servers, dataplane, drift } = JSON.parse(printedStatus.stdout) as StatusDocument;
  expect(dataplane).toBe("ipvs");
  expect(drift).toEqual({ repaired_total: 0, last: null });
  expect(virtual_servers.map(({ name }) => name)).toEqual(services.map(({ name }) => name));
  const flag = { NAT: "-m", DR: "-g", TUN: "-i" } as const;
  const expected = virtual_servers.flatMap((server) => {
    const virtual = `${server.protocol === "TCP" ? "-t" : "-u"} ${endpoint(server.address ?? "", server.port ?? 0)}`;
    return [
      `-A ${virtual} -s ${server.lvs_sched}`,
      ...server.real_servers.map((real) => {
        expect(real).toMatchObject({ state: "up", health: "up", effective_weight: 1, reason: "all checks pass" });
        const option = flag[real.lvs_method as keyof typeof flag];
        return `-a ${virtual} -r ${endpoint(real.address, real.port)} ${option} -w ${real.effective_weight}`;
      }),
    ];
  });
  const printed = (await node.table()).map((line) => line.replace(/ --tun-type.*$/, ""));
  expect(printed).toEqual(expected.sort());
  const http = virtual_servers.find(({ name }) => name === "tcp-nat-v4");
  expect(http?.stats?.connections).toBe(3);
  expect(http?.real_servers.map(({ stats }) => stats?.connections)).toEqual([1, 1, 1]);
});

test("a dead server is out within the published bound, nothing fails after that, and it comes back", async () => {
  const load = await startLoad(guest, { url: `http://${vips.nat.v4}/index.html`, rate: 20 });
  const killedAtMs = Date.now();
  await killRealServer(guest, "r3");
  const dead = endpoint(back("r3").v4, 80);
  await guest.sh(`while ipvsadm -Ln | grep -q ${dead}; do sleep 0.02; done`, { namespace: "d1" });
  const removedAtMs = Date.now();
  expect(removedAtMs - killedAtMs).toBeLessThan(removalBoundMs + slackMs);
  await daemon.logged(`real_server tcp-nat-v4 ${dead} up -> down after`);
  expect(daemon.log()).toMatch(
    /tcp-nat-v4 198\.51\.100\.23:80 up -> down after .*: HTTP_GET .*connect refused \(2nd failure\)/,
  );

  const { virtual_servers } = await node.status();
  const real = virtual_servers[0]?.real_servers.find(({ address }) => address === back("r3").v4);
  expect(real).toMatchObject({ state: "down", effective_weight: 0, connections: null });
  expect(real?.reason).toMatch(/HTTP_GET .*connect refused/);

  await guest.sh("sleep 1");
  await startRealServers(guest, ["r3"]);
  await guest.sh(`until ipvsadm -Ln | grep -q ${dead}; do sleep 0.02; done`, { namespace: "d1" });
  await guest.sh("sleep 1");
  const summary = await load.stop();
  expect(summary.ok).toBeGreaterThan(10);
  expect(summary.failures.filter(({ startedAtMs }) => startedAtMs > removedAtMs)).toEqual([]);
  expect(Object.keys(summary.byServer).sort()).toEqual(names);
});

test("inhibit_on_failure: weight 0 and the established connection lives; sorry_server takes over when all are down", async () => {
  // Not the servers die but a page of theirs, so that connections can live.
  const pages = (["r1", "r2"] as const).map((name) => `${htmlDir(name)}/alive.html`).join(" ");
  await guest.sh(`touch ${pages}`);
  const checked = { servers: ["r1", "r2"], path: "/alive.html" } as const;
  const inhibited = virtualServer("NAT", "v4", { ...checked, inhibit_on_failure: true });
  const sorry = virtualServer("NAT", "v6", { ...checked, sorry_server: `${back("r3").v6} 80` });
  node.configure({ virtual_server: [inhibited, sorry] });
  expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
  const held = await startLoad(guest, { url: `http://${vips.nat.v4}/index.html`, rate: 5, hold: true });
  await guest.sh(`rm ${pages}`);
  const sorryLine = `-r ${endpoint(back("r3").v6, 80)} -m -w 1`;
  await expect
    .poll(() => node.table())
    .toEqual(
      [
        `-A -t ${vips.nat.v4}:80 -s rr`,
        `-A -t [${vips.nat.v6}]:80 -s rr`,
        `-a -t ${vips.nat.v4}:80 -r ${back("r1").v4}:80 -m -w 0`,
        `-a -t ${vips.nat.v4}:80 -r ${back("r2").v4}:80 -m -w 0`,
        `-a -t [${vips.nat.v6}]:80 ${sorryLine}`,
      ].sort(),
    );
  const get = await guest.sh(`curl -gsS -m 5 http://[${vips.nat.v6}]/index.html`, { namespace: "c" });
  expect(get).toBe("r3\n");
  const { virtual_servers } = await node.status();
  expect(virtual_servers[0]).toMatchObject({
    state: "down",
    real_servers: [{ state: "down", weight: 1, effective_weight: 0 }, {}],
  });
  expect(virtual_servers[0]?.real_servers[0]?.reason).toContain("status 404, wanted 200");
  expect(virtual_servers[1]).toMatchObject({ sorry_server: { address: back("r3").v6, in_service: true } });

  await guest.sh(`touch ${pages}`);
  await expect.poll(() => node.table()).not.toContainEqual(expect.stringContaining(sorryLine));
  await expect.poll(() => node.table()).toContain(`-a -t ${vips.nat.v4}:80 -r ${back("r2").v4}:80 -m -w 1`);
  const summary = await held.stop();
  expect(summary.failures).toEqual([]);
  expect(summary.ok).toBeGreaterThan(1);
});
