import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { program, start, until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

// docs/troubleshooting.md, followed to the letter: each command of a section is run, and what it shows has to come.

const manual = readFileSync(join(import.meta.dirname, "../../docs/troubleshooting.md"), "utf8");

interface Step {
  readonly command: string;
  readonly shows: readonly string[];
}

/** The commands of a section, each with the lines that the manual shows of its output. */
function stepsOf(title: string): readonly Step[] {
  const section = manual.split(/^## /m).find((each) => each.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`no section ${title}`);
  const blocks = [...section.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
  const steps: { command: string; shows: string[] }[] = [];
  for (const line of blocks.flatMap((block) => block.trimEnd().split("\n"))) {
    if (line.startsWith("# ")) steps.push({ command: line.slice(2), shows: [] });
    else steps.at(-1)?.shows.push(line);
  }
  return steps;
}

/** A line of the manual as a pattern: "..." is anything. */
function patternOf(line: string): RegExp {
  const parts = line.trimEnd().split("...");
  return new RegExp(`^${parts.map((part) => part.replaceAll(/[.*+?^$|(){}[\]\\]/g, "\\$&")).join(".*")}$`, "m");
}

let node: VrrpNode;
let peer: VrrpNode;

beforeEach(() => {
  [node, peer] = cabledNodes();
});
afterEach(() => Promise.all([node.close(), peer.close()]));

/** Runs the steps of a section on a node, each until it shows what the manual says. */
async function follow(title: string, on: VrrpNode): Promise<void> {
  // lbctl as it is on the PATH of a node where file and run directory are the usual ones.
  mkdirSync(on.path("bin"), { recursive: true });
  const file = `-f ${on.configFile}`;
  const cases = `doctor) shift; set -- doctor ${file} "$@" --run-dir ${on.runDir};; validate) set -- "$@" ${file};; *) set -- "$@" --run-dir ${on.runDir};;`;
  writeFileSync(on.path("bin/lbctl"), `#!/bin/sh\ncase $1 in ${cases} esac\nexec ${program} "$@"\n`, { mode: 0o755 });
  const steps = stepsOf(title);
  expect(steps.length).toBeGreaterThan(0);
  for (const { command, shows } of steps) {
    const patterns = shows.map(patternOf);
    let output = "";
    await until(
      `"${command}" shows what the manual says`,
      async () => {
        const words = ["netns", "exec", on.namespace.name, "env", `PATH=${on.path("bin")}:${process.env.PATH}`];
        const { stdout, stderr } = await start("ip", [...words, "sh", "-c", command]).ended;
        output = stdout + stderr;
        return patterns.every((pattern) => pattern.test(output));
      },
      () => `${shows.join("\n")}\nbut:\n${output}`,
    );
  }
}

describe.skipIf(!canMakeNamespaces)("docs/troubleshooting.md", () => {
  test("VRRP: both are master, the address does not move, an instance is in fault, the address does not answer", async () => {
    const chk = [{ name: "chk", script: "/bin/false", interval: 1, weight: -5 }];
    peer.configure({
      vrrp_script: chk,
      vrrp_instance: [vrrpInstance("VI_1", { priority: 200, track_script: ["chk"] })],
    });
    node.configure({ vrrp_instance: [vrrpInstance("VI_1")] });
    node.namespace.run(
      "nft",
      "add table ip filter; add chain ip filter input { type filter hook input priority 0; }; add rule ip filter input ip protocol vrrp drop",
    );
    peer.start();
    node.start();
    await peer.hasPriority("VI_1", 195);
    await peer.reaches("VI_1", "master");
    await node.reaches("VI_1", "master");
    await follow("Both routers are master", node);
    await follow("The virtual address does not move", peer);
    node.namespace.ip("link set eth0 down");
    await follow("An instance is in the fault state", node);
    node.configure({ global_defs: { vrrp_strict: true }, vrrp_instance: [vrrpInstance("VI_1")] });
    await follow("The virtual address does not answer ping", node);
  });

  test("LVS: a real server is down, clients get nothing", async () => {
    const server = { address: "192.0.2.2", port: 8080, TCP_CHECK: { connect_timeout: 2 } };
    const virtual_server = [
      {
        name: "web",
        address: "192.0.2.1",
        port: 80,
        protocol: "TCP",
        lvs_method: "NAT",
        delay_loop: 1,
        real_server: [server],
      },
    ];
    node.configure({ virtual_server });
    node.namespace.run("sysctl", "-qw", "net.ipv4.ip_forward=0");
    const listen = ["-e", "require('node:net').createServer().listen(8080)"];
    const listener = start("ip", ["netns", "exec", peer.namespace.name, process.execPath, ...listen]);
    onTestFinished(() => listener.signal("SIGKILL"));
    node.start();
    await until("the real server is up", async () => {
      const status = await node.status().catch(() => null);
      return status?.virtual_servers[0]?.real_servers[0]?.state === "up";
    });
    listener.signal("SIGKILL");
    await listener.ended;
    await follow("A real server flaps, or is down and should not be", node);
    await follow("Real servers are up, and clients get nothing", node);
  });
});
