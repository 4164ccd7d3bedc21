import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DirectorNode, directorNode } from "./lbctl.ts";
import { killRealServer, startRealServers } from "./real-servers.ts";
import { back, buildTopology, type RealServerName, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";
import { checkTiming, removalBoundMs } from "./virtual-server.ts";

const names: readonly RealServerName[] = ["r1", "r2"];
const range = ["192.0.2.201", "192.0.2.202", "192.0.2.203"];

let guest: Guest;
let node: DirectorNode;

beforeAll(async () => {
  guest = await bootGuest();
  await buildTopology(guest, { realServers: names });
  await startRealServers(guest, names);
  await guest.sh(range.map((address) => `ip address add ${address}/32 dev eth0`).join("\n"), { namespace: "d1" });
  // Ports 8000 to 8999 of a VIP have the mark 7, one service for a thousand ports. The guest's kernel has no nftables for IP.
  await guest.sh(
    `tc qdisc add dev eth0 clsact
     tc filter add dev eth0 ingress protocol ip flower ip_proto tcp dst_ip ${vips.nat.v4} dst_port 8000-8999 \\
       action skbedit mark 7`,
    { namespace: "d1" },
  );
  node = directorNode(guest, "d1");
});
afterAll(() => guest?.close());

const members = [`${vips.nat.v4} 80`, `${range[0]}-203 8080`, "fwmark 7"];
const { delay_loop, ...timing } = checkTiming;

const yaml = {
  virtual_server_group: [{ name: "web", members }],
  virtual_server: [
    {
      group: "web",
      protocol: "TCP",
      lvs_sched: "rr",
      lvs_method: "NAT",
      delay_loop,
      real_server: names.map((name) => ({ address: back(name).v4, port: 80, TCP_CHECK: timing })),
    },
  ],
};

const keepalivedConf = `virtual_server_group web {
  ${members.join("\n  ")}
}
virtual_server group web {
  protocol TCP
  lb_algo rr
  lb_kind NAT
  delay_loop ${delay_loop}
${names
  .map(
    (name) => `  real_server ${back(name).v4} 80 {
    TCP_CHECK {
      connect_timeout ${timing.connect_timeout}
      retry ${timing.retry}
      delay_before_retry ${timing.delay_before_retry}
      warmup 0
    }
  }`,
  )
  .join("\n")}
}
`;

const services = [`-t ${vips.nat.v4}:80`, ...range.map((address) => `-t ${address}:8080`), "-f 7"];
const tableWith = (servers: readonly RealServerName[]) =>
  services
    .flatMap((service) => [
      `-A ${service} -s rr`,
      ...servers.map((name) => `-a ${service} -r ${back(name).v4}:80 -m -w 1`),
    ])
    .sort();

/** Who answers two connections to each of these. */
const ask = async (urls: readonly string[]) =>
  (
    await guest.sh(`curl -gsS -m 5 -H "Connection: close" ${urls.flatMap((url) => [url, url]).join(" ")}`, {
      namespace: "c",
    })
  )
    .trim()
    .split("\n");
const page = (address: string, port: number) => `http://${address}:${port}/index.html`;
const everyEntry = [
  page(vips.nat.v4, 80),
  ...range.map((address) => page(address, 8080)),
  page(vips.nat.v4, 8000),
  page(vips.nat.v4, 8999),
];

describe("virtual_server_group: an address, a range and a mark are one virtual server", () => {
  test("each takes connections; a server that dies leaves all of them, and returns to all", async () => {
    node.configure(yaml);
    const daemon = await node.start();
    expect(await node.table()).toEqual(tableWith(names));
    for (const url of everyEntry) expect(new Set(await ask([url]))).toEqual(new Set(names));
    const group = async () => (await node.status()).virtual_servers[0];
    await expect.poll(async () => (await group())?.stats?.connections).toBe(12);
    const server = await group();
    expect(server).toMatchObject({ name: "TCP group web", group: "web", address: null });
    expect(server?.services).toHaveLength(5);
    // One check for each real server, not one for each service: every service heard of the same verdict.
    expect(server?.real_servers.map(({ checks }) => checks.length)).toEqual([1, 1]);

    await killRealServer(guest, "r2");
    await daemon.logged(new RegExp(`${back("r2").v4}:80 up -> down`), removalBoundMs + 60_000);
    await expect.poll(() => node.table()).toEqual(tableWith(["r1"]));
    expect(new Set(await ask(everyEntry))).toEqual(new Set(["r1"]));
    await startRealServers(guest, ["r2"]);
    await daemon.logged(new RegExp(`${back("r2").v4}:80 down -> up`), 60_000);
    await expect.poll(() => node.table()).toEqual(tableWith(names));
    await daemon.stop();
  });

  test("keepalived.conf makes the same table, and a shorter range takes services out", async () => {
    const file = join(guest.sharedDir, "groups.conf");
    writeFileSync(file, keepalivedConf);
    const daemon = await node.start("-f", file);
    expect(await node.table()).toEqual(tableWith(names));
    writeFileSync(file, keepalivedConf.replace(`${range[0]}-203`, `${range[0]}-202`));
    const { stdout } = await node.lbctl("reload");
    expect(stdout).toContain("1 del-service");
    expect((await node.table()).filter((line) => line.includes("192.0.2.203"))).toEqual([]);
    expect(new Set(await ask([page(range[1] as string, 8080)]))).toEqual(new Set(names));
    await daemon.stop();
  });

  test("DR: each service's own port is that of its destinations; with TUN one group is of both families", async () => {
    const group = (name: string, ...lines: string[]) => ({ name, members: lines });
    const server = (name: string, lvs_method: string) => ({
      group: name,
      protocol: "TCP",
      lvs_sched: "rr",
      lvs_method,
      real_server: { address: "192.0.2.21" },
    });
    node.configure({
      virtual_server_group: [
        group("direct", "192.0.2.230 80", "192.0.2.230 443"),
        group("tunnels", "192.0.2.240 80", "2001:db8:1::240-241 80", "fwmark 9 inet6"),
      ],
      virtual_server: [server("direct", "DR"), server("tunnels", "TUN")],
    });
    const daemon = await node.start();
    expect((await node.table()).filter((line) => line.startsWith("-a"))).toEqual([
      "-a -f 9 -6 -r 192.0.2.21:0 -i -w 1 --tun-type ipip",
      "-a -t 192.0.2.230:443 -r 192.0.2.21:443 -g -w 1",
      "-a -t 192.0.2.230:80 -r 192.0.2.21:80 -g -w 1",
      "-a -t 192.0.2.240:80 -r 192.0.2.21:80 -i -w 1 --tun-type ipip",
      "-a -t [2001:db8:1::240]:80 -r 192.0.2.21:80 -i -w 1 --tun-type ipip",
      "-a -t [2001:db8:1::241]:80 -r 192.0.2.21:80 -i -w 1 --tun-type ipip",
    ]);
    // What was written reads back as wanted.
    const { stdout } = await node.lbctl("plan", "-f", node.configFile, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ operations: [] });
    await daemon.stop();
  });

  test("nftables_ipvs: one service of the whole group, for packets that are marked", async () => {
    // The guest's kernel has no nftables for IP, so that the mark comes from tc; src/marking has the proof of the rules.
    node.configure({
      ...yaml,
      global_defs: { nftables_ipvs: null, nftables_ipvs_start_fwmark: 7 },
      virtual_server_group: [{ name: "web", members: [`${vips.nat.v4} 8000`, `${vips.nat.v4} 8999`, "10.0.0.0/8 80"] }],
    });
    const daemon = await node.start();
    await daemon.logged("nftables_ipvs: packets get no marks");
    expect(await node.table()).toEqual(
      ["-A -f 7 -s rr", ...names.map((name) => `-a -f 7 -r ${back(name).v4}:80 -m -w 1`)].sort(),
    );
    for (const port of [8000, 8999]) expect(new Set(await ask([page(vips.nat.v4, port)]))).toEqual(new Set(names));
    expect((await node.status()).virtual_servers[0]).toMatchObject({ name: "TCP group web", group: "web" });
    await daemon.stop();
    expect(await node.table()).toEqual([""]);
  });
});
