import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DirectorNode, directorNode } from "./lbctl.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";
import { virtualServer } from "./virtual-server.ts";

let guest: Guest;
let node: DirectorNode;

beforeAll(async () => {
  guest = await bootGuest({ modules: ["veth"] });
  await guest.sh("ip netns add d1; ip -n d1 link set lo up");
  node = directorNode(guest, "d1");
  node.configure({ virtual_server: [virtualServer("NAT", "v4")] });
});
afterAll(() => guest?.close());

/** What the kernel, and lbctl, load modules with. */
const modulesBy = (program: string) => guest.sh(`echo ${program} >/proc/sys/kernel/modprobe`);

describe("a start that cannot be is refused with what to do", () => {
  test("no IPVS in the kernel: modprobe, or the user-space data plane; never chosen silently", async () => {
    // The kernel loads ip_vs by itself when its family is asked for: as on a machine that has no such module.
    await modulesBy("/bin/false");
    const { status, stderr } = await node.lbctl("run", "-f", node.configFile);
    expect(status).toBe(7);
    expect(stderr).toContain("/bin/false ip_vs exited with 1");
    expect(stderr).toContain("this kernel has no IPVS");
    expect(stderr).toContain('Run "modprobe ip_vs"');
    expect(stderr).toContain("--dataplane userspace");
  });

  test("a kernel before 5.16, which does not load IPVS by itself: who may not load modules does not try, root does it", async () => {
    const old = '#!/bin/sh\ncase "$*" in *-family-*) exit 1 ;; esac\nexec /sbin/modprobe "$@"\n';
    await guest.sh(`printf '${old}' >/run/old-modprobe; chmod 755 /run/old-modprobe`);
    await modulesBy("/run/old-modprobe");
    const run = node.command("run", "-f", node.configFile);
    const confined = `setpriv --bounding-set -sys_module --inh-caps -sys_module ${run}`;
    const refused = await guest.exec(confined, { namespace: "d1" });
    expect(refused.status).toBe(7);
    expect(refused.stderr).not.toContain("old-modprobe");

    const daemon = await node.start();
    expect(daemon.log()).toContain("this kernel had no IPVS, and has it now: /run/old-modprobe ip_vs");
    expect(await node.ipvsadm("-Sn")).toContain("-A -t");
    await daemon.stop();
    await modulesBy("/sbin/modprobe");
  });

  test("without CAP_NET_ADMIN", async () => {
    const run = node.command("run", "-f", node.configFile);
    const dropped = `setpriv --bounding-set -net_admin --inh-caps -net_admin ${run}`;
    const { status, stderr } = await guest.exec(dropped, { namespace: "d1" });
    expect(status).toBe(7);
    expect(stderr).toContain("CAP_NET_ADMIN is missing");
  });

  test("as somebody who may not write the run directory", async () => {
    const run = `setpriv --reuid 65534 --regid 65534 --clear-groups ${node.command("run", "-f", node.configFile)}`;
    const { status, stderr } = await guest.exec(`chmod 755 ${guest.sharedDir}; ${run}`, { namespace: "d1" });
    expect(status).toBe(6);
    expect(stderr).toMatch(/permission denied/i);
    expect(stderr).toContain("--run-dir");
  });

  test("with a run directory that somebody else owns", async () => {
    await guest.sh("install -d -o 65534 /run/theirs");
    const theirs = directorNode(guest, "d1", "/run/theirs");
    const { status, stderr } = await theirs.lbctl("run", "-f", node.configFile);
    expect(status).toBe(1);
    expect(stderr).toContain("/run/theirs belongs to user 65534");
    expect(await guest.sh("ls -A /run/theirs")).toBe("");
  });

  test("a configuration file that is missing, and one that is broken", async () => {
    const missing = await node.lbctl("run", "-f", "/run/nowhere.yaml");
    expect(missing.status).toBe(4);
    expect(missing.stderr).toContain("/run/nowhere.yaml");
    node.configure({ virtual_server: [{ name: "web" }] });
    const broken = await node.lbctl("run", "-f", node.configFile);
    expect(broken.status).toBe(3);
    expect(broken.stderr).toMatch(/error\[missing-keyword\]/);
    node.configure({ virtual_server: [virtualServer("NAT", "v4")] });
  });

  test("commands without a daemon", async () => {
    for (const command of ["status", "plan", "reload"]) {
      const { status, stderr } = await node.lbctl(command);
      expect(status).toBe(5);
      expect(stderr).toContain("the socket does not exist, so no lbctl runs in this network namespace");
    }
  });
});

test("-M: the pattern of core dumps, of any size, is the machine's until it ends", async () => {
  const pattern = async () => (await guest.sh("cat /proc/sys/kernel/core_pattern")).trim();
  await guest.sh("echo '|/bin/false %P' >/proc/sys/kernel/core_pattern");
  const daemon = await node.start("-M", "/run/core.%e.%p");
  expect(await pattern()).toBe("/run/core.%e.%p");
  const { checker } = await daemon.pids();
  expect(await guest.sh(`cat /proc/${checker}/limits`)).toMatch(/^Max core file size +unlimited +unlimited/m);
  await daemon.stop();
  expect(await pattern()).toBe("|/bin/false %P");
});

describe("where the log goes", () => {
  test("syslog: one datagram a line, with facility and severity", async () => {
    const syslogd = guest.start("busybox syslogd -n -O /run/messages", { timeoutMs: 600_000 });
    await guest.sh("until test -S /dev/log; do sleep 0.05; done");
    const run = node.command("run", "-f", node.configFile, "--log", "syslog", "-S", "3");
    const job = guest.start(`exec ${run}`, { namespace: "d1", timeoutMs: 600_000 });
    await guest.sh("until grep -q 'ready:' /run/messages; do sleep 0.1; done");
    job.signal("TERM");
    expect(await job.done).toEqual({ status: 0, stdout: "", stderr: "" });
    const messages = await guest.sh("cat /run/messages");
    // What was written depends on whether the checks, which reach nobody here, were faster.
    expect(messages).toMatch(/local3\.notice lbctl\[\d+\]: ready: \S/);
    expect(messages).toMatch(/local3\.notice lbctl\[\d+\]: stopped/);
    syslogd.signal("TERM");
    await syslogd.done;
  });

  test("syslog without a listener is refused at the start", async () => {
    await guest.sh("rm -f /dev/log");
    const { status, stderr } = await node.lbctl("run", "-f", node.configFile, "--log", "syslog");
    expect(status).toBe(2);
    expect(stderr).toContain("cannot log to /dev/log: ENOENT");
  });

  test("journald: priorities in front of each line, if systemd reads the very stream", async () => {
    const run = node.command("run", "-f", node.configFile, "-I");
    // The stream named as systemd names it: the device and inode of standard error.
    const script = `exec 2>/run/stderr; JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec ${run}`;
    const job = guest.start(script, { namespace: "d1", timeoutMs: 600_000 });
    await guest.sh("until grep -q 'ready:' /run/stderr; do sleep 0.1; done");
    job.signal("TERM");
    expect((await job.done).status).toBe(0);
    const lines = (await guest.sh("cat /run/stderr")).trim().split("\n");
    expect(lines.filter((line) => !/^<[3-7]>/.test(line))).toEqual([]);
    expect(lines.some((line) => /^<5>ready: /.test(line))).toBe(true);
  });

  test("json: one object a line with time, severity, role and message", async () => {
    const job = guest.start(`exec ${node.command("run", "-f", node.configFile, "--log", "json")}`, {
      namespace: "d1",
      timeoutMs: 600_000,
    });
    while (!job.stderr().includes("ready:")) await guest.ping();
    job.signal("TERM");
    const { stderr } = await job.done;
    const records = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(records.find(({ message }) => message.startsWith("ready:"))).toMatchObject({
      severity: "notice",
      role: "supervisor",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(records.find(({ event }) => event === "adopted")).toMatchObject({ severity: "info", role: "checker" });
  });
});
