import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectSameMeaning, validate, type Written } from "../interop/vrrp/scenarios/written.ts";
import { startLoad } from "./client-load.ts";
import type { LoadSummary } from "./guest/client-load-summary.ts";
import { type Daemon, directorNode } from "./lbctl.ts";
import { startRealServers } from "./real-servers.ts";
import { back, buildTopology, type DirectorName, front, gateway, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

// VRRP and IPVS together, with clients: S1 and S7. What differs from how people write it is said there.

const vip = vips.nat.v4;
const inset = "    ";

/** S1; with the address that real servers answer through, and a check that is tried again sooner. */
const webPair = (
  priority: number,
  state: "MASTER" | "BACKUP",
  servers: readonly string[],
  persistence: number | null,
): Written => ({
  "keepalived.conf": `! Configuration File for keepalived
vrrp_instance VI_1 {
    state ${state}
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    virtual_ipaddress {
        ${vip}/24 dev eth0
        ${gateway.v4}/24 dev eth1
    }
}
virtual_server ${vip} 80 {
    delay_loop 6
    lb_algo rr
    lb_kind NAT
    nat_mask 255.255.255.0
    ${persistence === null ? "" : `persistence_timeout ${persistence}`}
    protocol TCP
${servers
  .map(
    (address) => `${inset}real_server ${address} 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
            delay_before_retry 1
        }
    }`,
  )
  .join("\n")}
}
`,
  yaml: `vrrp_instance:
  - name: VI_1
    state: ${state}
    interface: eth0
    virtual_router_id: 51
    priority: ${priority}
    advert_int: 1
    virtual_ipaddress: [${vip}/24 dev eth0, ${gateway.v4}/24 dev eth1]
virtual_server:
  - address: ${vip}
    port: 80
    delay_loop: 6
    lb_algo: rr
    lb_kind: NAT
    nat_mask: 255.255.255.0
    ${persistence === null ? "" : `persistence_timeout: ${persistence}`}
    protocol: TCP
    real_server:
${servers.map((address) => `      - { address: ${address}, port: 80, weight: 1, TCP_CHECK: { connect_timeout: 3, delay_before_retry: 1 } }`).join("\n")}
`,
});

/** S7, on every node; what others call nb_get_retry is retry in a TCP_CHECK. */
const mysqlPair = (name: DirectorName, priority: number, notifyDown: string, retry = "retry"): Written => ({
  "keepalived.conf": `global_defs {
    router_id MYSQL_HA
    script_user root
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    nopreempt
    virtual_ipaddress {
        ${vip}/24
    }
}
virtual_server ${vip} 3306 {
    delay_loop 2
    lb_algo wrr
    lb_kind DR
    persistence_timeout 60
    protocol TCP
    real_server ${front(name).v4} 3306 {
        weight 3
        notify_down "${notifyDown}"
        TCP_CHECK {
            connect_timeout 3
            ${retry} 3
            delay_before_retry 1
            connect_port 3306
        }
    }
}
`,
  yaml: `global_defs: { router_id: MYSQL_HA, script_user: root }
vrrp_instance:
  - name: VI_1
    state: BACKUP
    interface: eth0
    virtual_router_id: 51
    priority: ${priority}
    advert_int: 1
    nopreempt: true
    virtual_ipaddress: [${vip}/24]
virtual_server:
  - address: ${vip}
    port: 3306
    delay_loop: 2
    lb_algo: wrr
    lb_kind: DR
    persistence_timeout: 60
    protocol: TCP
    real_server:
      - address: ${front(name).v4}
        port: 3306
        weight: 3
        notify_down: ${notifyDown}
        TCP_CHECK: { connect_timeout: 3, ${retry}: 3, delay_before_retry: 1, connect_port: 3306 }
`,
});

let guest: Guest;
let written = 0;
let daemons: Daemon[] = [];

beforeAll(async () => {
  guest = await bootGuest();
  await buildTopology(guest, { directors: ["d1", "d2"], realServers: ["r1", "r2"], activeDirector: "none" });
  await startRealServers(guest, ["r1", "r2"]);
  await guest.sh("ip -n c address add 192.0.2.101/24 dev eth0");
});
afterAll(() => guest?.close());
beforeEach(() => () => Promise.all(daemons.splice(0).map((daemon) => daemon.stop())));

const runDir = (name: DirectorName) => `/run/lbctl-${name}`;

async function start(name: DirectorName, text: Written, form: keyof Written): Promise<Daemon> {
  await expectSameMeaning(text);
  const file = join(guest.sharedDir, `${name}-${++written}.${form === "yaml" ? "yaml" : "conf"}`);
  writeFileSync(file, text[form]);
  const daemon = await directorNode(guest, name, runDir(name)).start("-f", file);
  daemons.push(daemon);
  return daemon;
}

async function stop(daemon: Daemon): Promise<void> {
  daemons = daemons.filter((each) => each !== daemon);
  expect((await daemon.stop()).status).toBe(0);
}

/** Waits until this director has the address, and the other one has not. */
async function holds(name: DirectorName): Promise<void> {
  const has = (node: DirectorName) => `ip -n ${node} -4 -o address show to ${vip} | grep -q .`;
  const other = name === "d1" ? "d2" : "d1";
  const { status } = await guest.exec(
    `for _ in $(seq 120); do if ${has(name)} && ! ${has(other)}; then exit 0; fi; sleep 0.5; done; exit 1`,
    { timeoutMs: 300_000 },
  );
  expect(status, daemons.map((daemon) => daemon.log()).join("\n")).toBe(0);
}

/** Waits until these are in the table of a director: each has passed its first check. */
async function serves(name: DirectorName, servers: readonly string[]): Promise<void> {
  const there = servers
    .map((address) => `ip netns exec ${name} ipvsadm -Sn | grep -q -- "-r ${address}:"`)
    .join(" && ");
  const { status } = await guest.exec(`for _ in $(seq 240); do if ${there}; then exit 0; fi; sleep 0.5; done; exit 1`, {
    timeoutMs: 300_000,
  });
  expect(status, daemons.map((daemon) => daemon.log()).join("\n")).toBe(0);
}

const ask = async (source: string, times: number, port = 80) => {
  const url = `http://${vip}:${port}/index.html`;
  const urls = new Array(times).fill(url).join(" ");
  const command = `curl -gsS -m 20 --interface ${source} -H "Connection: close" ${urls}`;
  return (await guest.sh(command, { namespace: "c" })).trim().split("\n");
};

/** A web server on a director itself; answers its process id. */
const serve = async (name: DirectorName, port: number): Promise<string> => {
  const root = `/run/${name}-${port}`;
  const httpd = `exec busybox httpd -f -p ${port} -h ${root}`;
  return (
    await guest.sh(
      `mkdir -p ${root}; echo ${name} >${root}/index.html; { ${httpd}; } >/dev/null 2>&1 & echo $!
       for _ in $(seq 3000); do grep -qi ":$(printf %04X ${port}) " /proc/net/tcp /proc/net/tcp6 && exit; sleep 0.02; done; exit 1`,
      { namespace: name },
    )
  ).trim();
};

/** No request was lost but those that were under way at one of so many changes of the director. */
function expectServed({ ok, total, failures }: LoadSummary, changes: number): void {
  expect(ok).toBeGreaterThan(20);
  expect(failures.slice(2 * changes), `${ok} of ${total}`).toEqual([]);
}

describe("S1: a web pair behind LVS with NAT", { timeout: 400_000 }, () => {
  test("both real servers serve; the master stops and comes back", async () => {
    const servers = [back("r1").v4, back("r2").v4];
    await start("d2", webPair(90, "BACKUP", servers, 50), "yaml");
    const first = await start("d1", webPair(100, "MASTER", servers, 50), "keepalived.conf");
    await holds("d1");
    await serves("d1", servers);
    const load = await startLoad(guest, { url: `http://${vip}/index.html`, rate: 10, deadlineMs: 20_000 });
    // A client stays with its server; another one goes to the next.
    const [one, other] = [new Set(await ask("192.0.2.100", 3)), new Set(await ask("192.0.2.101", 3))];
    expect([...one, ...other].sort()).toEqual(["r1", "r2"]);
    await stop(first);
    await holds("d2");
    expect(new Set(await ask("192.0.2.101", 3)).size).toBe(1);
    await start("d1", webPair(100, "MASTER", servers, 50), "yaml");
    await holds("d1");
    await serves("d1", servers);
    expect(new Set(await ask("192.0.2.101", 3)).size).toBe(1);
    expectServed(await load.stop(), 2);
    const table = await guest.sh("ipvsadm -Sn", { namespace: "d1" });
    expect(table.trim().split("\n").sort()).toEqual([
      `-A -t ${vip}:80 -s rr -p 50`,
      ...servers.map((address) => `-a -t ${vip}:80 -r ${address}:80 -m -w 1`),
    ]);
  });

  test("the directors are the real servers (local node)", async () => {
    const directors = ["d1", "d2"] as const;
    for (const name of directors) {
      await serve(name, 80);
      // What the other one forwarded is answered through whoever has the gateway address; checks go directly.
      await guest.sh(
        `ip route replace default via ${gateway.v4} dev eth1 table 100; ip rule add from ${back(name).v4} to 192.0.2.0/24 table 100`,
        { namespace: name },
      );
    }
    const servers = directors.map((name) => back(name).v4);
    await start("d1", webPair(100, "MASTER", servers, null), "keepalived.conf");
    await start("d2", webPair(90, "BACKUP", servers, null), "yaml");
    await holds("d1");
    await serves("d1", servers);
    expect((await ask("192.0.2.100", 4)).sort()).toEqual(["d1", "d1", "d2", "d2"]);
  });

  test("NAT to servers of the clients' own network is told: their answers go past the director", async () => {
    const text = webPair(100, "MASTER", [front("r1").v4], 50);
    for (const form of ["keepalived.conf", "yaml"] as const) {
      expect(await validate(text, form)).toContain("[nat-on-vip-network]");
    }
  });
});

describe("S7: a pair of MySQL servers, each its own director, with direct routing", { timeout: 400_000 }, () => {
  test.each([
    { form: "keepalived.conf", end: "kill $(cat RUN/lbctl.pid)" } as const,
    { form: "yaml", end: "kill -KILL $(cat RUN/lbctl.pid)" } as const,
  ])("notify_down ends lbctl ($end) and deletes the address: the peer serves ($form)", async ({ form, end }) => {
    const script = join(guest.sharedDir, `down-${++written}.sh`);
    const command = end.replace("RUN", runDir("d1"));
    writeFileSync(script, `#!/bin/sh\n${command}\nip address delete ${vip}/24 dev eth0\nexit 0\n`, { mode: 0o755 });
    const mysql = { d1: await serve("d1", 3306), d2: await serve("d2", 3306) };
    const ours = await start("d1", mysqlPair("d1", 100, script), form);
    await holds("d1");
    await serves("d1", [front("d1").v4]);
    await start("d2", mysqlPair("d2", 90, "/bin/true"), form === "yaml" ? "keepalived.conf" : "yaml");
    expect(await ask("192.0.2.100", 3, 3306)).toEqual(["d1", "d1", "d1"]);
    await guest.sh(`kill -KILL ${mysql.d1}`);
    await holds("d2");
    daemons = daemons.filter((each) => each !== ours);
    expect((await ours.job.done).status).toBe(end.includes("KILL") ? 128 + 9 : 0);
    await serves("d2", [front("d2").v4]);
    expect(await ask("192.0.2.100", 3, 3306)).toEqual(["d2", "d2", "d2"]);
    // Nothing of the dying node comes back.
    await guest.sh("sleep 2");
    await holds("d2");
    await guest.sh(`kill -KILL ${mysql.d2}; ipvsadm -C`, { namespace: "d1" });
  });

  test("as others write it, the keyword of HTTP_GET is told its name here", async () => {
    for (const form of ["keepalived.conf", "yaml"] as const) {
      const said = await validate(mysqlPair("d1", 100, "/bin/true", "nb_get_retry"), form);
      expect(said).toMatch(/nb_get_retry[\s\S]*"retry"/);
    }
  });
});
