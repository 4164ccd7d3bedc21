import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StatusDocument, VrrpInstanceStatus } from "../../src/control/status-document.ts";
import { NotifySocket } from "../../src/supervisor/testing/notify-socket.ts";
import { Daemon, type Ended, program, start, until } from "./lbctl.ts";
import { expectSameInstance } from "./same-instance.ts";
import { VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

// One director for all: each test leaves it running, as the same process or as another one.

let node: VrrpNode;
let daemon: Daemon;
let systemd: NotifySocket;
/** The path that it was started by; what is there is what it is upgraded to. */
let installed: string;
let scriptRuns: string;

const config = (keywords: object = {}) => ({
  global_defs: { router_id: "one", ...keywords },
  vrrp_script: [{ name: "chk", script: `${node.path("chk.sh")}`, interval: 1, weight: 10, rise: 2, user: "root" }],
  vrrp_instance: [vrrpInstance("VI_1", { advert_int: 1, track_script: ["chk"] })],
});

function install(text: string | null): void {
  rmSync(installed, { force: true });
  if (text === null) symlinkSync(program, installed);
  else {
    writeFileSync(installed, text);
    chmodSync(installed, 0o755);
  }
}

const upgrade = (...words: readonly string[]): Promise<Ended> => node.lbctl("upgrade", ...words);
const pidFile = () => Number(readFileSync(node.path("run/lbctl.pid"), "utf8"));
const addresses = () => node.namespace.ip("-o -4 address show dev eth0");

beforeAll(async () => {
  node = new VrrpNode();
  node.namespace.ip("link add eth0 type veth peer name peer0");
  node.namespace.ip("link set peer0 up");
  node.namespace.ip("address add 192.0.2.1/24 dev eth0");
  node.namespace.ip("link set eth0 up");
  systemd = new NotifySocket(node.path("notify"));
  installed = node.path("lbctl");
  scriptRuns = node.path("runs");
  install(null);
  writeFileSync(node.path("chk.sh"), `#!/bin/sh\necho >> ${scriptRuns}\n`);
  chmodSync(node.path("chk.sh"), 0o755);
  node.configure(config());
  const words = ["netns", "exec", node.namespace.name, installed, "run", "-f", node.configFile, "--log", "console"];
  const environment = { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: "60000000" };
  daemon = new Daemon(
    start("ip", [...words, "--run-dir", node.runDir, "--vrrp_pid", node.path("vrrp.pid")], environment),
  );
  await node.reaches("VI_1", "master");
  await node.hasPriority("VI_1", 110);
});
afterAll(async () => {
  await daemon?.kill();
  systemd?.close();
  await node?.close();
});

/** Nothing has changed, and nothing is left of the other one. */
async function goesOn(pid: number): Promise<void> {
  expect(pidFile()).toBe(pid);
  const { vrrp_instances, daemon: facts } = await node.status();
  expect(facts.pid).toBe(pid);
  expect(vrrp_instances).toMatchObject([{ state: "master", priority: 110 }]);
  expect(addresses()).toContain("192.0.2.100");
}

describe.skipIf(!canMakeNamespaces)("lbctl upgrade", () => {
  test("another process is the director: for systemd, in the pid files, on the control socket; what is known goes along", async () => {
    const before = await node.status();
    const events = (await node.lbctl("events", "--since", "1", "--json")).stdout.split("\n").slice(0, 2);
    const { status, stdout, stderr } = await upgrade();
    expect(stdout).toMatch(/^lbctl \S+ \(process \d+\) has taken over from \S+ \(process \d+\) within /);
    expect(stderr).toMatch(/stands by[\s\S]*is the director/);
    expect(status).toBe(0);
    const after = await node.status();
    expect(after.daemon.pid).toBe(daemon.pid);
    expect(daemon.pid).not.toBe(before.daemon.pid);
    expect(pidFile()).toBe(daemon.pid);
    expect(Number(readFileSync(node.path("vrrp.pid"), "utf8"))).toBe(daemon.child("vrrp"));
    await until(
      "the old one has ended",
      () => !existsSync(`/proc/${before.daemon.pid}/stat`) || zombie(before.daemon.pid),
    );

    const instance = ({ vrrp_instances: [first] }: StatusDocument) => first as VrrpInstanceStatus;
    expectSameInstance(instance(after), instance(before));
    expect(after.generation).toBe(1);
    expect((await node.lbctl("events", "--since", "1", "--json")).stdout.split("\n").slice(0, 2)).toEqual(events);
    // The script was up with its second result: this one does not begin anew.
    const runsBefore = readFileSync(scriptRuns, "utf8").length;
    await until("the script runs again", () => readFileSync(scriptRuns, "utf8").length > runsBefore + 1);
    expect(daemon.log().match(/priority \d+ -> /g)).toHaveLength(1);

    const told = systemd.messages;
    const main = told.lastIndexOf(`MAINPID=${daemon.pid}`);
    expect(main).toBeGreaterThan(0);
    await until("the new one is ready", () => systemd.messages.slice(main).includes("READY=1"));
    expect(told).not.toContain("STOPPING=1");
    await until("the watchdog is fed by it", () => systemd.messages.slice(main).includes("WATCHDOG=1"));
  });

  test("another configuration file is reloaded at the end; one that is refused prevents the upgrade", async () => {
    const { pid } = daemon;
    node.configure(config({ routr_id: "x" }));
    const refused = await upgrade("--json");
    expect(refused.status).toBe(3);
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: "config-invalid",
      diagnostics: [{ code: "unknown-keyword" }],
    });
    await goesOn(pid);
    node.configure(config({ router_id: "two" }));
    const { status, stdout } = await upgrade("--json");
    expect(JSON.parse(stdout)).toMatchObject({ upgraded: true, carried: "everything", reload: { generation: 2 } });
    expect(status).toBe(0);
    expect((await node.status()).daemon.router_id).toBe("two");
    await goesOn(daemon.pid);
  });

  test("reload --upgrade: a reload, unless the program on the disk is another one", async () => {
    const { pid } = daemon;
    expect((await upgrade("--if-changed")).stdout).toMatch(/nothing to upgrade/);
    expect((await node.lbctl("reload", "--upgrade")).stdout).toMatch(/^Configuration 3 /);
    expect(daemon.pid).toBe(pid);
    install(readFileSync(program, "utf8").replace(/^root=.*$/m, `root=${program.replace("/bin/lbctl", "")}`));
    expect((await node.lbctl("reload", "--upgrade")).stdout).toMatch(/has taken over/);
    expect(daemon.pid).not.toBe(pid);
    await goesOn(daemon.pid);
  });

  const real = `exec ${program} "$@"`;
  const hook = (name: string, text: string): string => {
    writeFileSync(node.path(name), text);
    return `NODE_OPTIONS="--import=${node.path(name)}" ${real}`;
  };
  /** Ends the process whose entry is that one with the first message of this kind. */
  const dies = (entry: string, kind: string) => `
    if (process.argv[1]?.endsWith("${entry}")) {
      process.on("message", (message) => message.kind === "${kind}" && process.kill(process.pid, "SIGKILL"));
    }`;
  test.each([
    ["is not there", () => null, /cannot be started: .*ENOENT/],
    ["ends at once", () => "#!/bin/sh\nexit 7\n", /ended too early \(exit status 7\)/],
    [
      "is killed when it knows what is in force",
      () => `#!/bin/sh\n${hook("a.mjs", dies("main.ts", "begin"))}\n`,
      /ended too early \(signal SIGKILL\)/,
    ],
    [
      "loses its VRRP process in stand-by",
      () => `#!/bin/sh\n${hook("b.mjs", dies("vrrp-main.ts", "start"))}\n`,
      /the VRRP process ended/,
    ],
    [
      "loses its VRRP process when that is to act",
      () => `#!/bin/sh\n${hook("c.mjs", dies("vrrp-main.ts", "take"))}\n`,
      /the VRRP process ended/,
    ],
  ])("a new program that %s: the old one goes on", async (_, text, why) => {
    const { pid } = daemon;
    const content = text();
    if (content === null) rmSync(installed, { force: true });
    else install(content);
    const { status, stderr } = await upgrade();
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(/goes on as if nothing had happened/);
    expect(status).toBe(1);
    await goesOn(pid);
    expect(systemd.messages.at(-1)).not.toMatch(/STOPPING|MAINPID/);
  });

  test("one that does not know what is handed over goes on from what it finds: still master, and its scripts begin anew", async () => {
    const log = daemon.log().length;
    const versioned = `
      delete process.env.NODE_OPTIONS;
      const { emit } = process;
      process.emit = (name, ...rest) => {
        if (name === "message" && rest[0].kind === "begin") rest[0].estateVersion += 1;
        return emit.call(process, name, ...rest);
      };`;
    install(`#!/bin/sh\n${hook("d.mjs", `if (process.argv[1]?.endsWith("main.ts")) { ${versioned} }`)}\n`);
    const { status, stdout } = await upgrade("--json");
    expect(JSON.parse(stdout)).toMatchObject({ upgraded: true, carried: "adoption" });
    expect(status).toBe(0);
    await node.reaches("VI_1", "master");
    expect(daemon.log().slice(log)).toMatch(/initialize -> master/);
    expect(daemon.log().slice(log)).not.toMatch(/is removed|-> backup/);
    await node.hasPriority("VI_1", 110);
    await goesOn(daemon.pid);
  });

  test("after all that it can be upgraded; SIGTERM is for the director of the day, which gives everything back", async () => {
    install(null);
    expect((await upgrade()).status).toBe(0);
    await goesOn(daemon.pid);
    await daemon.stop();
    expect(addresses()).not.toContain("192.0.2.100");
    expect(existsSync(node.path("run/lbctl.pid"))).toBe(false);
    expect(existsSync(node.path("run/control.sock"))).toBe(false);
    expect(systemd.messages).toContain("STOPPING=1");
  });
});

function zombie(pid: number): boolean {
  return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}
