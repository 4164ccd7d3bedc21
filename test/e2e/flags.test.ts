import { existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Daemon, lbctl, program, start, until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

let node: VrrpNode;
let peer: VrrpNode;

beforeEach(() => {
  [node, peer] = cabledNodes();
});
afterEach(() => Promise.all([node.close(), peer.close()]));

const virtual_server = [
  { address: "192.0.2.100", port: 80, protocol: "TCP", real_server: [{ address: "10.0.0.1", port: 80 }] },
];
const vrrp_instance = [vrrpInstance("VI_1")];
const read = (name: string) => readFileSync(node.path(name), "utf8");

// Flags that only say what happens anyhow are given everywhere.
const anyhow = ["-n", "-X", "--no-mem-check", "--flush-log-file"];

describe.skipIf(!canMakeNamespaces)("flags of keepalived", () => {
  test("-r, -c: pid files of children; -g: logs of processes; -a: addresses; -m; -R: the end of one is the end of all", async () => {
    node.configure({ vrrp_instance, virtual_server });
    const files = ["-r", node.path("vrrp.pid"), "-c", node.path("checkers.pid"), "-g", node.path("lb.log")];
    const daemon = node.start(...anyhow, ...files, "-a", "-m", "-R");
    await node.reaches("VI_1", "master");
    await daemon.logged(/ready: /);
    const [vrrp, checker] = [daemon.child("vrrp"), daemon.child("checker")];
    expect([read("vrrp.pid"), read("checkers.pid")]).toEqual([`${vrrp}\n`, `${checker}\n`]);
    await until(
      "each process has its log",
      () => read("lb_vrrp.log").includes("VI_1"),
      () => daemon.log(),
    );
    expect(read("lb.log")).toContain("ready: ");
    expect(read("lb.log")).not.toContain("vrrp VI_1");
    expect(readFileSync(`/proc/${vrrp}/limits`, "utf8")).toMatch(/^Max core file size +unlimited +unlimited/m);
    node.namespace.ip("address add 198.51.100.7/32 dev eth0");
    await daemon.logged(/address 198\.51\.100\.7\/32 added to interface \d+/);
    process.kill(checker, "SIGKILL");
    const { status, stderr } = await daemon.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/the checker process ended \(signal SIGKILL\)\n {2}With -R it is not started again\.\n$/);
    expect(existsSync(node.path("vrrp.pid"))).toBe(false);
    expect(node.namespace.run("ip", "address", "show", "eth0")).not.toContain("192.0.2.100");
  });

  test("-s: in a network namespace, as the process that was started; --all: what is not configured runs, too; --ignore-sigint", async () => {
    node.configure({ virtual_server });
    const words = ["run", "-f", node.configFile, "--dataplane", "userspace", "--run-dir", node.runDir, "-l", ...anyhow];
    const daemon = new Daemon(start(program, [...words, "-s", node.namespace.name, "--all", "--ignore-sigint"]));
    try {
      await daemon.logged(/ready: /);
      expect(daemon.log()).toContain(`lbctl 0.1.0 runs as process ${daemon.pid}`);
      const inode = node.namespace.run("readlink", "/proc/self/ns/net").trim();
      expect(readlinkSync(`/proc/${daemon.pid}/ns/net`)).toBe(inode);
      await until("the VRRP process runs", async () => (await node.status()).daemon.vrrp === "running");
      daemon.signal("SIGINT");
      await daemon.logged(/SIGINT received/);
      expect((await node.status()).daemon.checker).toBe("running");
      expect((await daemon.stop()).status).toBe(0);
    } finally {
      await daemon.kill();
    }
  });
  test("-P, -i: VRRP alone, of this router; -p, -b, -u, -g with -G, -D, -d: files, log and its level; -V: addresses stay", async () => {
    const file = node.path("keepalived.conf");
    const instance = (name: string, number: number, address: string) =>
      `vrrp_instance ${name} {\n interface eth0\n virtual_router_id ${number}\n priority 100\n version 3\n advert_int 0.1\n virtual_ipaddress {\n ${address}/24\n }\n}\n`;
    const other = instance("OTHER", 52, "192.0.2.101")
      .replaceAll(/^/gm, "@other ")
      .replace(/@other $/, "");
    const service = "virtual_server 192.0.2.100 80 {\n protocol TCP\n real_server 10.0.0.1 80 {\n }\n}\n";
    const session = "bfd_instance B {\n neighbor_ip 192.0.2.2\n source_ip 192.0.2.1\n}\n";
    writeFileSync(file, `${instance("VI_1", 51, "192.0.2.100")}${other}${service}${session}`);
    const words = [
      "run",
      "-f",
      file,
      "--dataplane",
      "userspace",
      "--run-dir",
      node.runDir,
      "-P",
      "-i",
      "main",
      "-V",
      "-D",
      "-d",
    ];
    const files = [
      "-p",
      node.path("own.pid"),
      "-b",
      node.path("bfd.pid"),
      "-u",
      "027",
      "-G",
      "-g",
      node.path("lb.log"),
    ];
    const command = ["netns", "exec", node.namespace.name, program, ...words, ...files];
    const daemon = new Daemon(start("ip", command));
    try {
      await node.reaches("VI_1", "master");
      const status = await node.status();
      expect(status.vrrp_instances.map(({ name }) => name)).toEqual(["VI_1"]);
      expect(status.daemon).toMatchObject({ checker: "off", vrrp: "running" });
      expect(read("own.pid")).toBe(`${daemon.pid}\n`);
      await until("the BFD process has its pid file", () => existsSync(node.path("bfd.pid")));
      // It is to be known by its title a little later.
      await expect.poll(() => daemon.child("bfd")).toBe(Number(read("bfd.pid")));
      expect(statSync(node.path("lb.log")).mode & 0o777).toBe(0o640);
      expect(read("lb.log")).toContain("configuration: vrrp_instance VI_1 {");
      expect((await node.lbctl("log-level", "info")).stdout).toBe("Log level debug -> info.\n");
      const { status: exit, stderr } = await daemon.stop();
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
      expect(node.namespace.run("ip", "address", "show", "eth0")).toContain("192.0.2.100");
      expect(existsSync(node.path("own.pid"))).toBe(false);
    } finally {
      await daemon.kill();
    }
  });

  test("-C: checks alone; --debug is -D; -S without a syslogd is the console", async () => {
    node.configure({ vrrp_instance, virtual_server });
    const words = [
      "run",
      "-f",
      node.configFile,
      "--dataplane",
      "userspace",
      "--run-dir",
      node.runDir,
      "-C",
      "--debug",
      "-S",
      "3",
    ];
    const daemon = new Daemon(start("ip", ["netns", "exec", node.namespace.name, program, ...words]));
    try {
      await until(
        "the checker runs",
        async () => (await node.status().catch(() => null))?.daemon.checker === "running",
      );
      expect((await node.status()).daemon.vrrp).toBe("off");
      expect(node.namespace.run("ip", "address", "show", "eth0")).not.toContain("192.0.2.100");
      expect((await node.lbctl("log-level", "info")).stdout).toBe("Log level debug -> info.\n");
      if (!existsSync("/dev/log")) await daemon.logged(/ready: /);
      expect((await daemon.stop()).status).toBe(0);
    } finally {
      await daemon.kill();
    }
  });
});

describe("flags that end at once", () => {
  const run = (...words: readonly string[]) => lbctl(["run", ...words]);

  test("-t checks, and writes what is wrong where it is told to; -e: includes that are missing are wrong", async () => {
    const file = node.path("k.conf");
    writeFileSync(file, `include ${node.path("missing.conf")}\nglobal_defs {\n umaks 022\n}\n`);
    const [shown, written] = await Promise.all([
      run("-t", "-f", file),
      run(`--config-test=${node.path("out")}`, "-f", file),
    ]);
    expect(shown).toMatchObject({ status: 3, stdout: "" });
    expect(shown.stderr).toContain('did you mean "umask"?');
    expect(written).toMatchObject({ status: 3, stdout: "", stderr: "" });
    expect(read("out")).toContain('did you mean "umask"?');
    writeFileSync(
      file,
      `include ${node.path("missing.conf")}\nvrrp_instance A {\n interface lo\n virtual_router_id 1\n priority 9\n virtual_ipaddress {\n 192.0.2.9/24\n }\n}\n`,
    );
    const [lenient, strict] = await Promise.all([run("-t", "-f", file), run("-t", "-e", "-f", file)]);
    expect(lenient.status).toBe(0);
    expect(strict.status).toBe(3);
    expect(strict.stderr).toContain("missing.conf");
  });

  test("what is not there is refused in words: SNMP, a namespace, a facility", async () => {
    const refused = await Promise.all([run("-x"), run("-A", "unix:/x"), run("-s", "no-such-ns"), run("-S", "9")]);
    expect(refused.map(({ status }) => status)).toEqual([2, 2, 2, 2]);
    expect(refused.map(({ stderr }) => stderr)).toEqual([
      expect.stringContaining("there is no SNMP agent yet"),
      expect.stringContaining("there is no SNMP agent yet"),
      expect.stringContaining('there is no network namespace "no-such-ns"'),
      expect.stringContaining("--log-facility takes 0 to 7"),
    ]);
  });

  test("-v says the version, -T is genhash", async () => {
    const [shown, genhash] = await Promise.all([run("-v"), run("-T", "--help")]);
    expect(shown).toMatchObject({ status: 0, stdout: "lbctl 0.1.0\n" });
    expect(genhash.stdout).toContain("print the digest of a page");
  });
});
