import { existsSync, readFileSync, rmSync } from "node:fs";
import { canMakeNamespaces, makeNamespace, uniqueName } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StatusDocument } from "../../src/control/status-document.ts";
import { Daemon, type Ended, lbctl, program, start, until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

// Directors that share the run directory of this machine: their names are of this run.

let nodes: readonly [VrrpNode, VrrpNode];
let names: readonly [string, string, string];
const daemons: Daemon[] = [];
const runDirOf = (name: string) => `/run/lbctl/${name}`;

beforeEach(() => {
  nodes = cabledNodes();
  names = [uniqueName("blue"), uniqueName("green"), uniqueName("late")];
});
afterEach(async () => {
  await Promise.all(daemons.splice(0).map((daemon) => daemon.kill()));
  await Promise.all(nodes.map((node) => node.close()));
  for (const name of names) {
    for (const base of ["/run/lbctl", "/var/lib/lbctl"]) rmSync(`${base}/${name}`, { recursive: true, force: true });
  }
});

const config = (name: string, virtualRouterId: number, more: object = {}) => ({
  instance: name,
  vrrp_instance: [
    vrrpInstance("VI_1", {
      virtual_router_id: virtualRouterId,
      virtual_ipaddress: [`192.0.2.${virtualRouterId}/24`],
    }),
  ],
  ...more,
});

function run(inside: readonly string[], configFile: string): Daemon {
  const words = [...inside, program, "run", "-f", configFile, "--log", "console"];
  const daemon = new Daemon(start("env", ["-u", "STATE_DIRECTORY", ...words]));
  daemons.push(daemon);
  return daemon;
}

/** Of whom is in the namespace of a node. */
const inside = ({ namespace }: Pick<VrrpNode, "namespace">, ...words: readonly string[]): Promise<Ended> =>
  start("ip", ["netns", "exec", namespace.name, program, ...words]).ended;

const command = (name: string, ...words: readonly string[]): Promise<Ended> =>
  lbctl([...words, "--run-dir", runDirOf(name)]);

async function isMaster(name: string, log: () => string): Promise<void> {
  const states = async () => {
    const { status, stdout } = await command(name, "status", "--json");
    return status === 0 ? (JSON.parse(stdout) as StatusDocument).vrrp_instances.map(({ state }) => state) : [];
  };
  await until(`${name} is master`, async () => (await states()).join() === "master", log);
}

const holds = ({ namespace }: VrrpNode, address: string): Promise<void> =>
  until(`${address} is there`, () => namespace.ip("address show dev eth0").includes(address));

describe.skipIf(!canMakeNamespaces)("instance", () => {
  test("two directors, one started in its namespace, one taken there, do not meet; a third one waits", async () => {
    const [blue, green, late] = names;
    const [here, there] = nodes;
    here.configure(config(blue, 61));
    there.configure(config(green, 62, { net_namespace: there.namespace.name }));
    const first = run(["ip", "netns", "exec", here.namespace.name], here.configFile);
    const second = run([], there.configFile);
    await isMaster(blue, () => first.log());
    await isMaster(green, () => second.log());
    await holds(here, "192.0.2.61/24");
    await holds(there, "192.0.2.62/24");
    for (const [name, daemon] of [
      [blue, first],
      [green, second],
    ] as const) {
      expect(readFileSync(`${runDirOf(name)}/lbctl.pid`, "utf8").trim()).toBe(String(daemon.pid));
    }

    // The one in a namespace is found there; elsewhere each is named.
    const asked = ["status", "--names", "instances"] as const;
    for (const node of nodes) expect(await inside(node, ...asked)).toMatchObject({ status: 0, stdout: "VI_1\n" });
    const empty = makeNamespace();
    try {
      const { status, stderr } = await inside({ namespace: empty }, "status");
      expect(status).toBe(5);
      for (const name of [blue, green]) {
        expect(stderr).toContain(`Instance ${name} runs: --run-dir ${runDirOf(name)}.`);
      }
    } finally {
      empty.delete();
    }
    const before = first.pid;
    expect(await inside(here, "upgrade")).toMatchObject({ status: 0 });
    expect(first.pid).not.toBe(before);
    expect(readFileSync(`${runDirOf(blue)}/lbctl.pid`, "utf8").trim()).toBe(String(first.pid));
    await isMaster(blue, () => first.log());

    here.configure(config(late, 63));
    expect(await command(blue, "reload")).toMatchObject({ status: 0 });
    await first.logged(/instance changes with a restart only/);
    await holds(here, "192.0.2.63/24");
    expect(existsSync(runDirOf(late))).toBe(false);

    const third = run(["ip", "netns", "exec", here.namespace.name], here.configFile);
    await third.logged(/waiting for process \d+ to let go of the addresses/);
    expect(await first.stop()).toMatchObject({ status: 0 });
    await isMaster(late, () => third.log());
    expect(existsSync(`${runDirOf(blue)}/lbctl.pid`)).toBe(false);
    expect(await second.stop()).toMatchObject({ status: 0 });
    expect(there.namespace.ip("address show dev eth0")).not.toContain("192.0.2.62/24");
    expect(await third.stop()).toMatchObject({ status: 0 });
  });

  test("a name that is no directory of its own is an error with place and hint", async () => {
    for (const name of ["a/b", "net-4026531840", ".."]) {
      nodes[0].configure({ instance: name });
      const { status, stdout, stderr } = await lbctl(["validate", "-f", nodes[0].configFile]);
      expect(status).toBe(3);
      expect(stdout + stderr).toMatch(/lbctl\.yaml:\d+:\d+: error.*instance[\s\S]*\/run\/lbctl\/NAME/);
    }
  });
});
