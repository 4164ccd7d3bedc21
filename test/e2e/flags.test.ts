import { existsSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
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
