import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Finding } from "../../src/doctor/finding.ts";
import { type Ended, program, type Running, start, until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

let node: VrrpNode;
let peer: VrrpNode;
const others: Running[] = [];

beforeEach(() => {
  [node, peer] = cabledNodes();
});
afterEach(async () => {
  for (const running of others.splice(0)) {
    running.signal("SIGTERM");
    await running.ended;
  }
  await Promise.all([node.close(), peer.close()]);
});

/** `lbctl doctor` in the namespace of a node, with its own configuration. */
const doctor = (of: VrrpNode, ...words: readonly string[]) => doctorOfRunning(of, "-f", of.configFile, ...words);

/** The same, with the configuration of the lbctl that runs there. */
function doctorOfRunning(of: VrrpNode, ...words: readonly string[]): Promise<Ended> {
  const all = [program, "doctor", "--run-dir", of.runDir, ...words];
  return start("ip", ["netns", "exec", of.namespace.name, ...all]).ended;
}

async function findings(of: VrrpNode, ...words: readonly string[]): Promise<readonly Finding[]> {
  const { stdout, stderr } = await doctor(of, "--json", ...words);
  expect(stderr).toBe("");
  return (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;
}

const lines = (found: readonly Finding[]) => found.map(({ check, status, what }) => `${status} ${check}: ${what}`);

/** Asks again until the doctor says what is expected: while a machine stands still, who is there is not heard. */
async function finds(of: VrrpNode, words: readonly string[], expected: readonly unknown[], onlyFaults = false) {
  let found: readonly Finding[] = [];
  const look = async () => {
    found = (await findings(of, ...words)).filter(({ status }) => !onlyFaults || status !== "ok");
    return lines(found);
  };
  await expect.poll(look, { timeout: 120_000 }).toEqual(expected);
  return found;
}

/** Carries out what the doctor says, as root of the node would. */
function mend(of: VrrpNode, { fix, what }: Finding): void {
  if (fix === null) throw new Error(`nothing mends: ${what}`);
  of.namespace.run("sh", "-ec", fix);
}

const sysctl = (setting: string) => node.namespace.run("sysctl", "-qw", setting);

describe.skipIf(!canMakeNamespaces)("lbctl doctor", () => {
  test("faults of this host: each is found, and the command that is shown mends it", async () => {
    const { namespace } = node;
    const script = node.path("check");
    writeFileSync(script, "#!/bin/sh\n");
    chmodSync(script, 0o777);
    const real_server = (address: string) => [{ address, port: 80, MISC_CHECK: { misc_path: script } }];
    const virtual_server = [
      {
        name: "dr",
        address: "192.0.2.100",
        port: 80,
        protocol: "TCP",
        lvs_method: "DR",
        real_server: real_server("192.0.2.1"),
      },
      {
        name: "nat",
        address: "192.0.2.101",
        port: 80,
        protocol: "TCP",
        lvs_method: "NAT",
        real_server: real_server("10.0.0.9"),
      },
      {
        name: "six",
        address: "2001:db8::9",
        port: 80,
        protocol: "TCP",
        lvs_method: "NAT",
        real_server: real_server("fd00::9"),
      },
    ];
    const unicast = { unicast_src_ip: "192.0.2.9", unicast_peer: ["192.0.2.2"] };
    node.configure({
      vrrp_instance: [
        vrrpInstance("VI_1", unicast),
        vrrpInstance("VI_2", { interface: "eth1", virtual_router_id: 52, virtual_ipaddress: ["198.51.100.1/24"] }),
      ],
      virtual_server,
    });
    namespace.ip("link add eth1 type veth peer name eth2");
    namespace.ip("address add 198.51.100.9/24 dev eth1");
    namespace.ip("link set eth2 up");
    namespace.ip("link set eth1 multicast off");
    for (const off of ["ip_forward", "conf.all.arp_ignore", "conf.all.arp_announce"]) sysctl(`net.ipv4.${off}=0`);
    for (const off of ["arp_ignore", "arp_announce"]) sysctl(`net.ipv4.conf.eth0.${off}=0`);
    sysctl("net.ipv6.conf.all.forwarding=0");
    sysctl("net.ipv4.conf.all.rp_filter=1");
    namespace.run(
      "nft",
      "add table inet fw; add chain inet fw in { type filter hook input priority 0; policy drop; }; add rule inet fw in tcp dport 22 accept",
    );

    const only = ["--only", "kernel,network,scripts", "--skip-wire"];
    const isMendable = ({ check, status }: Finding) => status !== "ok" && !["modules", "ipvs-settings"].includes(check);
    const broken = (await findings(node, ...only)).filter(isMendable);
    expect(lines(broken)).toEqual([
      "failure forwarding: net.ipv4.ip_forward is 0",
      "failure forwarding: net.ipv6.conf.all.forwarding is 0",
      "warning rp-filter: rp_filter of eth0 is strict",
      "warning rp-filter: rp_filter of eth1 is strict",
      "failure arp: arp_ignore of eth0 is 0, arp_announce 0",
      "failure arp: arp_ignore of eth1 is 0, arp_announce 0",
      "failure interfaces: eth1 (vrrp_instance VI_2) is down",
      "failure addresses: unicast_src_ip 192.0.2.9 of VI_1 is on no interface",
      "failure multicast: eth1 does no multicast",
      "failure firewall: adverts (protocol 112) that go in on eth0 are dropped by policy drop of chain inet fw in",
      "failure firewall: adverts (protocol 112) that go in on eth1 are dropped by policy drop of chain inet fw in",
      `warning scripts: ${script} can be written by everybody (owner 0, group 0, mode 0777), who could replace the program (lbctl.yaml:${lineOfScript()})`,
    ]);
    for (const finding of broken) mend(node, finding);
    const { stdout, status } = await doctor(node, ...only);
    expect(stdout).not.toMatch(/^ +(failure|warning) /m);
    expect(status).toBe(stdout.includes("unknown") || stdout.includes(" ok ") ? 0 : 1);
  });

  test("who has the virtual addresses: the master, a stranger, both routers; and what keeps them apart", async () => {
    const six = { virtual_ipaddress: ["2001:db8::100/64"], virtual_router_id: 53 };
    const config = (priority: number) => ({
      vrrp_instance: [vrrpInstance("VI_1", { priority }), vrrpInstance("VI_6", { priority, ...six })],
    });
    node.configure(config(100));
    peer.configure(config(200));
    const wire = ["--only", "wire,firewall", "--dataplane", "userspace"];
    peer.start();
    await peer.reaches("VI_1", "master");
    await peer.reaches("VI_6", "master");
    node.start();
    await node.reaches("VI_1", "backup");
    await node.reaches("VI_6", "backup");
    await finds(node, wire, [
      "ok firewall: the packet filter lets adverts in and out",
      "ok virtual-addresses: 192.0.2.100 on eth0 is held by the master (192.0.2.2, priority 200)",
      expect.stringMatching(
        /^ok virtual-addresses: 2001:db8::100 on eth0 is held by the master \(fe80:\S+, priority 200\)$/,
      ),
      "ok virtual-routers: virtual_router_id 51 of VI_1: 192.0.2.2 (priority 200) is master",
      expect.stringMatching(/^ok virtual-routers: virtual_router_id 53 of VI_6: fe80:\S+ \(priority 200\) is master$/),
    ]);
    const { status, stdout } = await doctorOfRunning(node, "--only", "configuration");
    expect({ status, summary: stdout.trim().split("\n").at(-1) }).toEqual({
      status: 0,
      summary: expect.stringMatching(`^0 failures, .* for ${node.configFile}$`),
    });
    // Two masters, as the backup hears nothing.
    node.namespace.run(
      "nft",
      "add table ip fw; add chain ip fw in { type filter hook input priority 0; }; add rule ip fw in ip protocol 112 drop",
    );
    await node.reaches("VI_1", "master");
    const split = await finds(
      node,
      wire,
      [
        expect.stringMatching(
          /^failure firewall: adverts \(protocol 112\) that go in on eth0 are dropped by rule \d+ of chain ip fw in$/,
        ),
        expect.stringMatching(
          /^failure virtual-addresses: 192\.0\.2\.100 on eth0 is held by this host and by another, [0-9a-f:]{17}$/,
        ),
      ],
      true,
    );
    mend(node, split[0] as Finding);
    await node.reaches("VI_1", "backup");
    await finds(node, wire, [], true);
  });

  test("of the lbctl that runs: its file, id and data plane; who probes gets the descriptors that are missing; one that hangs", async () => {
    const file = node.path("lb.conf");
    const servers = Array.from({ length: 20 }, (_, index) => `real_server 192.0.2.1 ${8000 + index} { TCP_CHECK {} }`);
    const lines = [`virtual_server 192.0.2.1 80 {`, "protocol TCP", "lvs_sched rr", ...servers, "}"];
    writeFileSync(
      file,
      lines.map((line) => `@two ${line.replace("{ TCP_CHECK {} }", "{\n@two TCP_CHECK {\n@two }\n@two }")}\n`).join(""),
    );
    const daemon = node.start("-f", file, "-i", "two");
    await daemon.logged(/ready: /);
    const only = ["--only", "descriptors,modules,controllers", "--json"];
    const look = async (...words: readonly string[]) => {
      const { stdout } = await doctorOfRunning(node, ...only, ...words);
      return (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;
    };
    const becomes = async (expected: readonly unknown[], ...words: readonly string[]) => {
      let found: readonly Finding[] = [];
      const seen = async () => {
        found = await look(...words);
        return found.map(({ check, status, what }) => `${status} ${check}: ${what}`);
      };
      await expect.poll(seen, { timeout: 120_000 }).toEqual(expected);
      return found;
    };
    const limitOf = (pid: number) =>
      /^Max open files +(\d+) +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.slice(1);
    const modules = "ok modules: no kernel module is needed";
    const controllers = "ok controllers: nobody else writes the IPVS table or virtual addresses";
    const before = daemon.child("checker");
    // Of who probes alone: what was lowered for the supervisor, too, could not be raised again without CAP_SYS_RESOURCE.
    node.namespace.run("prlimit", "--pid", `${before}`, "--nofile=256");
    const few = await becomes([modules, "warning descriptors: 256 descriptors for 20 checkers", controllers]);
    mend(node, few[1] as Finding);
    await becomes([modules, "ok descriptors: 512 descriptors for 20 checkers", controllers]);
    await until(
      "another process probes, with them",
      () => {
        try {
          const now = daemon.child("checker");
          return now !== before && limitOf(now)?.join() === "512,512";
        } catch {
          return false;
        }
      },
      () => daemon.log(),
    );
    daemon.signal("SIGSTOP");
    const stopped = await becomes(
      [
        modules,
        expect.any(String),
        `failure controllers: lbctl, process ${daemon.pid}, has not answered for 10 s: it is stopped`,
      ],
      ...["-f", file, "-i", "two", "--dataplane", "userspace"],
    );
    mend(node, stopped[2] as Finding);
    await becomes([modules, "ok descriptors: 512 descriptors for 20 checkers", controllers]);
  });

  test("another host has the address, another virtual router the number; keepalived runs here, too", async () => {
    const six = vrrpInstance("VI_6", { virtual_router_id: 61, virtual_ipaddress: ["2001:db8::100/64"] });
    node.configure({ vrrp_instance: [vrrpInstance("VI_1", { version: 2, advert_int: 1 }), six] });
    peer.namespace.ip("address add 192.0.2.100/24 dev eth0");
    peer.namespace.ip("address add 2001:db8::100/64 dev eth0 nodad");
    const [keepalived, here] = await Promise.all([
      startKeepalived(peer, "198.51.100.7"),
      startKeepalived(node, "198.51.100.8", 77),
    ]);
    const mac = peer.namespace.ipJson("link show eth0")[0]?.address as string;
    const found = await finds(
      node,
      ["--only", "wire,others", "--dataplane", "userspace"],
      [
        `failure virtual-addresses: 192.0.2.100 on eth0 belongs to another host, ${mac}`,
        `failure virtual-addresses: 2001:db8::100 on eth0 belongs to another host, ${mac}`,
        "failure virtual-routers: virtual_router_id 51 of VI_1 is also used by 192.0.2.2 (priority 255) for 198.51.100.7",
        expect.stringMatching(/^failure controllers: keepalived runs here as process \d+$/),
      ],
      true,
    );
    expect(found[2]?.why).toMatch(/one of them needs another; 52 was not heard$/);
    mend(node, found[3] as Finding);
    await here.ended;
    keepalived.signal("SIGTERM");
    await keepalived.ended;
    for (const address of ["192.0.2.100/24", "2001:db8::100/64"]) peer.namespace.ip(`address del ${address} dev eth0`);
    const { stdout, status } = await doctor(node, "--only", "wire,others", "--dataplane", "userspace", "--listen", "1");
    expect(stdout).toContain("0 failures, 0 warnings, 0 unknown, 5 ok");
    expect(status).toBe(0);
  });

  test("peers and real servers with their latency; without rights it says what it does not know; a wrong file, a wrong word", async () => {
    const unicast = { unicast_src_ip: "192.0.2.1", unicast_peer: ["192.0.2.2", "203.0.113.7"] };
    const real_server = [
      { address: "192.0.2.2", port: 8080, TCP_CHECK: {} },
      { address: "192.0.2.2", port: 8081, TCP_CHECK: {} },
      { address: "203.0.113.8", port: 80, TCP_CHECK: {} },
    ];
    node.configure({
      vrrp_instance: [vrrpInstance("VI_1", unicast)],
      virtual_server: [{ name: "web", address: "192.0.2.100", port: 80, protocol: "TCP", real_server }],
    });
    const server = start("ip", [
      "netns",
      "exec",
      peer.namespace.name,
      "python3",
      "-m",
      "http.server",
      "8080",
      "--bind",
      "192.0.2.2",
    ]);
    others.push(server);
    await until("it listens", () => peer.namespace.run("ss", "-Hltn").includes(":8080"));
    await finds(
      node,
      ["--only", "reach"],
      [
        expect.stringMatching(/^ok peers: 192\.0\.2\.2, peer of VI_1, answers in \d+\.\d ms$/),
        "failure peers: 203.0.113.7, peer of VI_1, cannot be reached: ENETUNREACH",
        expect.stringMatching(/^ok real-servers: 192\.0\.2\.2:8080 of web answers in \d+\.\d ms$/),
        "warning real-servers: 192.0.2.2:8081 of web refuses connections",
        "failure real-servers: 203.0.113.8:80 of web cannot be reached: ENETUNREACH",
      ],
    );
    // Root by name only. Another user could not read a checkout in root's home.
    const powerless = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", program, "doctor", "-f", node.configFile];
    const [bad, good, misspelt, quiet, { stdout }] = await Promise.all([
      doctor(node, "--only", "peers,scripts"),
      doctor(node, "--only", "scripts"),
      doctor(node, "--only", "nothing"),
      findings(node, "--only", "wire,reach", "--skip-wire"),
      start("ip", ["netns", "exec", node.namespace.name, ...powerless, "--json", "--listen", "1"]).ended,
    ]);
    expect([bad.status, good.status, misspelt.status]).toEqual([1, 0, 2]);
    expect(misspelt.stderr).toContain("write some of kernel, process");
    // Nothing is sent with --skip-wire, which is said.
    expect(new Set(quiet.map(({ status }) => status))).toEqual(new Set(["unknown"]));
    const unprivileged = (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;
    expect(lines(unprivileged)).toEqual(
      expect.arrayContaining([
        "failure capabilities: who runs this has no CAP_NET_ADMIN",
        "failure capabilities: who runs this has no CAP_NET_RAW",
        expect.stringMatching(
          /^unknown virtual-addresses: adverts on eth0 cannot be heard: socket for adverts .*: EPERM/,
        ),
        "unknown virtual-routers: virtual_router_id 51 of VI_1: nothing can be heard on eth0",
        expect.stringMatching(/^unknown firewall: the rules of the packet filter cannot be listed: /),
      ]),
    );
    rmSync(node.configFile);
    expect((await doctor(node)).status).toBe(4);
    writeFileSync(node.configFile, "vrrp_instanc: []\n");
    expect(await doctor(node)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('did you mean "vrrp_instance"'),
    });
  });
});

/** The line of misc_path in the configuration as it is written. */
function lineOfScript(): number {
  const text = execFileSync("grep", ["-n", "misc_path", node.configFile], { encoding: "utf8" });
  return Number(text.split(":")[0]);
}

/** keepalived as master of one address, with number 51 unless said otherwise. */
async function startKeepalived(on: VrrpNode, address: string, virtualRouterId = 51): Promise<Running> {
  const file = on.path(`keepalived-${virtualRouterId}.conf`);
  writeFileSync(
    file,
    `vrrp_instance K {
  interface eth0
  state MASTER
  virtual_router_id ${virtualRouterId}
  priority 255
  advert_int 1
  virtual_ipaddress {
    ${address}/24
  }
}
`,
  );
  const words = ["-P", "-n", "-l", "-f", file, "-p", on.path("k.pid"), "-r", on.path("kv.pid")];
  const running = start("ip", ["netns", "exec", on.namespace.name, "keepalived", ...words]);
  others.push(running);
  await until("keepalived is master", () => `${running.stdout()}${running.stderr()}`.includes("MASTER STATE"));
  return running;
}
