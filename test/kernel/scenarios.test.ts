import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLoad } from "./client-load.ts";
import { asYaml, type Daemon, directorNode } from "./lbctl.ts";
import { htmlDir, killRealServer, startRealServers } from "./real-servers.ts";
import { back, buildTopology, type DirectorName, front, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

// S10 and S11 as people write them in a keepalived.conf and in YAML, with clients on the same network. S9 is in keepalived-checkers.test.ts.

const timing = "connect_timeout 3\n retry 1\n delay_before_retry 0.2\n warmup 0";

let guest: Guest;
beforeAll(async () => {
  guest = await bootGuest();
  await buildTopology(guest, { directors: ["d1", "d2"], activeDirector: "none" });
  await startRealServers(guest);
});
afterAll(() => guest?.close());

/** Who answers so many requests, each over a connection of its own, by how often. Failed ones are left out. */
async function answers(address: string, requests = 4): Promise<Record<string, number>> {
  const url = `http://${address}/index.html`;
  const get = `curl -gs -m 5 -H "Connection: close" ${Array(requests).fill(url).join(" ")}; true`;
  const found: Record<string, number> = {};
  for (const name of (await guest.sh(get, { namespace: "c" })).split("\n").filter(Boolean)) {
    found[name] = (found[name] ?? 0) + 1;
  }
  return found;
}

/** What Prometheus is told of d1 is what the kernel has counted: four connections, two for each of two real servers. */
async function metricsAreOf(address: string): Promise<void> {
  const inD1 = (command: string) => guest.sh(command, { namespace: "d1" });
  const backend = (of: string, name: "r1" | "r2") =>
    `node_ipvs_backend_${of}{local_address="${address}",local_port="80",remote_address="${back(name).v4}",remote_port="80",proto="TCP",local_mark=""}`;
  const ofReal = (of: string, name: "r1" | "r2") =>
    `lbctl_real_server_${of}{virtual_server="TCP ${address}:80",real_server="${back(name).v4}:80"}`;
  await expect
    .poll(async () => (await inD1("curl -s http://127.0.0.1:9650/metrics")).split("\n"), patiently)
    .toEqual(
      expect.arrayContaining([
        "node_ipvs_connections_total 4",
        `${backend("weight", "r1")} 1`,
        `${backend("weight", "r2")} 1`,
        `${ofReal("connections_total", "r1")} 2`,
        `${ofReal("connections_total", "r2")} 2`,
      ]),
    );
  // It reads the counters of IPVS as nobody, with the one capability that they take.
  const rights = await inD1("grep -E '^(Uid|CapPrm|NoNewPrivs)' /proc/$(pgrep -f '^lbctl: web')/status");
  expect(rights.trim().split(/\s+/)).toEqual([
    "Uid:",
    "65534",
    "65534",
    "65534",
    "65534",
    "CapPrm:",
    "0000000000001000",
    "NoNewPrivs:",
    "1",
  ]);
  // Read together, until no packet comes in between.
  const octets = async () => {
    const both = await inD1("cat /proc/net/ip_vs_stats; curl -s http://127.0.0.1:9650/metrics");
    const [, , , inBytes, outBytes] = (both.split("\n")[2] ?? "").trim().split(/\s+/);
    const metric = (name: string) => Number(new RegExp(`^node_ipvs_${name}_bytes_total (\\d+)$`, "m").exec(both)?.[1]);
    return {
      kernel: [inBytes, outBytes].map((hex) => Number.parseInt(hex ?? "", 16)),
      metrics: ["incoming", "outgoing"].map(metric),
    };
  };
  await expect
    .poll(async () => {
      const { kernel, metrics } = await octets();
      return (kernel[0] ?? 0) > 0 && kernel.join() === metrics.join();
    }, patiently)
    .toBe(true);
}

const patiently = { timeout: 60_000, interval: 300 };
const answered = (address: string, wanted: Record<string, number>) =>
  expect.poll(() => answers(address), patiently).toEqual(wanted);

describe("S10: sorry_server and inhibit_on_failure", () => {
  const address = vips.nat.v4;
  const real = (name: "r1" | "r2") => `real_server ${back(name).v4} 80 {
    inhibit_on_failure
    HTTP_GET {
      url {
        path /alive.html
        status_code 200
      }
      ${timing}
    }
  }`;
  const text = `virtual_server ${address} 80 {
  delay_loop 0.5
  lb_algo rr
  lb_kind NAT
  protocol TCP
  sorry_server ${back("r3").v4} 80
  ${real("r1")}
  ${real("r2")}
}
`;

  const alive = (name: "r1" | "r2") => `${htmlDir(name)}/alive.html`;
  const addresses = ["ip address add 192.0.2.200/32 dev eth0", "ip address add 198.51.100.1/32 dev eth1"];
  beforeAll(() => guest.sh(addresses.join("\n"), { namespace: "d1" }));
  afterAll(() => guest.sh(addresses.map((line) => line.replace(" add ", " del ")).join("\n"), { namespace: "d1" }));

  const allDown =
    "all down: the sorry server has the traffic, and connections that were there live; one is back: away from it";
  test.each(["keepalived.conf", "YAML"])(`S10 from %s: ${allDown}`, async (format) => {
    await guest.sh(`touch ${alive("r1")} ${alive("r2")}`);
    const conf = join(guest.sharedDir, "s10.conf");
    writeFileSync(conf, text);
    const node = directorNode(guest, "d1");
    if (format === "YAML") writeFileSync(node.configFile, asYaml(conf));
    const file = format === "YAML" ? node.configFile : conf;
    const daemon = await node.start("-f", file, "--metrics-address", "9650");
    const weights = async () =>
      (await node.table()).flatMap(
        (line) => /^-a .* -r 198\.51\.100\.2(\d):80 -m -w (\d)/.exec(line)?.slice(1).join("=") ?? [],
      );
    expect(await weights()).toEqual(["1=1", "2=1"]);
    expect(await answers(address)).toEqual({ r1: 2, r2: 2 });
    // The kernel counts on from one director to the next.
    if (format === "keepalived.conf") await metricsAreOf(address);
    const held = await startLoad(guest, {
      url: `http://${address}/index.html`,
      rate: 5,
      hold: true,
      deadlineMs: 20_000,
    });

    await guest.sh(`rm ${alive("r1")} ${alive("r2")}`);
    await expect.poll(weights, patiently).toEqual(["1=0", "2=0", "3=1"]);
    expect(await answers(address)).toEqual({ r3: 4 });

    await guest.sh(`touch ${alive("r2")}`);
    await expect.poll(weights, patiently).toEqual(["1=0", "2=1"]);
    expect(await answers(address)).toEqual({ r2: 4 });
    const { ok, failures, byServer } = await held.stop();
    expect(failures).toEqual([]);
    expect(ok).toBeGreaterThan(5);
    expect(Object.keys(byServer)).toHaveLength(1);
    await daemon.stop();
  });
});

describe("S11: web hot standby with direct routing", () => {
  const address = vips.dr.v4;
  const text = (state: "MASTER" | "BACKUP", priority: number) => `global_defs {
  vrrp_version 3
}
vrrp_instance VI_1 {
  state ${state}
  interface eth0
  virtual_router_id 51
  priority ${priority}
  advert_int 1
  virtual_ipaddress {
    ${address}/32 dev eth0
  }
}
virtual_server ${address} 80 {
  delay_loop 0.5
  lb_algo rr
  lb_kind DR
  protocol TCP
${(["r1", "r2"] as const).map((name) => `  real_server ${front(name).v4} 80 {\n TCP_CHECK {\n ${timing}\n }\n }\n`).join("")}}
`;
  const holders = async () =>
    (
      await guest.sh(
        `for name in d1 d2; do ip -n $name -o -4 address show dev eth0 to ${address} | sed "s/.*/$name/"; done`,
      )
    )
      .split("\n")
      .filter(Boolean);

  test("S11: a web server dies and returns, then the director, one of which reads keepalived.conf, the other YAML", async () => {
    const [d1, d2] = [directorNode(guest, "d1"), directorNode(guest, "d2")];
    const files = { d1: join(guest.sharedDir, "d1.conf"), d2: join(guest.sharedDir, "d2.conf") };
    writeFileSync(files.d1, text("MASTER", 150));
    writeFileSync(files.d2, text("BACKUP", 100));
    writeFileSync(d2.configFile, asYaml(files.d2));
    const [master] = await Promise.all([d1.start("-f", files.d1), d2.start()]);
    await expect.poll(holders, patiently).toEqual(["d1"]);
    expect(await d1.table()).toEqual(await d2.table());
    await answered(address, { r1: 2, r2: 2 });

    await killRealServer(guest, "r2");
    for (const node of [d1, d2]) await expect.poll(async () => (await node.table()).length, patiently).toBe(2);
    expect(await answers(address)).toEqual({ r1: 4 });
    await startRealServers(guest, ["r2"]);
    for (const node of [d1, d2]) await expect.poll(async () => (await node.table()).length, patiently).toBe(3);
    await answered(address, { r1: 2, r2: 2 });

    await powerOff("d1", master);
    await expect.poll(holders, patiently).toContain("d2");
    await answered(address, { r1: 2, r2: 2 });
    expect(await d2.table()).toHaveLength(3);
  });

  /** Nobody on it does anything any more, and nobody hears it. */
  async function powerOff(name: DirectorName, daemon: Daemon): Promise<void> {
    await guest.sh(`for pid in $(ip netns pids ${name}); do kill -KILL $pid; done
      for device in eth0 eth1; do ip -n ${name} link set $device down; done`);
    await daemon.job.done;
  }
});
