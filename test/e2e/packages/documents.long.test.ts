import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeNamespace, type Namespace } from "ipvs-netlink/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type CommandStep, shows, stepsIn } from "../../kernel/guides/guide.ts";
import { nativeHost } from "../../service/host.ts";
import { bootMachine, type Machine } from "../../service/machine.ts";
import { until } from "../lbctl.ts";
import { Typist } from "../typist.ts";
import { makeDockerHost } from "./docker.ts";
import { checkout, makePackages, nodeAndNpm } from "./made-package.ts";

// docs/install.md and docs/containers.md: the commands as they are written, on machines as somebody has who installs lbctl.

const directory = mkdtempSync(join(tmpdir(), "lbctl-documents-"));
const dist = join(directory, "dist");
let namespace: Namespace;

beforeAll(() => makePackages(dist, ["npm", "archive", "deb"], x64), 900_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));
beforeEach(() => {
  namespace = makeNamespace();
});
afterEach(() => namespace.delete());

const x64 = { LBCTL_DEB_COMPRESSION: "none", LBCTL_PACKAGE_ARCHITECTURES: "x64" };

/** The commands of a section of a page, which has some. */
function commandsOf(page: string, title: string): readonly CommandStep[] {
  const text = readFileSync(join(checkout, "docs", page), "utf8");
  const steps = stepsIn(text.split(/^## /m).find((each) => each.startsWith(`${title}\n`)) ?? "");
  expect(steps.length, `${page}: ${title}`).toBeGreaterThan(0);
  return steps;
}

describe("docs/install.md", () => {
  test("Verify, Debian, Archive and the first steps, on Debian as it is installed", { timeout: 900_000 }, async () => {
    const machine = await bootMachine({ host: nativeHost, namespace: namespace.name, packages: dist });
    try {
      await machine.sh("mkdir fetched && cp /packages/lbctl* /packages/SHA256SUMS fetched");
      for (const title of ["Verify", "Debian"]) await follow(machine, "install.md", title);
      expect(await machine.sh("command -v lbctl; systemctl is-active lbctl || true")).toBe(
        "/usr/bin/lbctl\ninactive\n",
      );
      const address = "{ address: 127.0.0.1, port: 9 }";
      await machine.sh(
        `echo "virtual_server: [{ address: 127.0.0.1, port: 80, protocol: TCP, real_server: [${address}] }]" >/etc/lbctl/lbctl.yaml`,
      );
      // Two of them go on until they are interrupted: installed.long.test.ts and test/kernel/service.long.test.ts have them.
      await follow(machine, "install.md", "First steps after it", (command) => !/^lbctl (run|demo)/.test(command));
      await machine.sh("apt-get purge -y lbctl");
      await follow(machine, "install.md", "Archive");
      expect(await machine.sh(`${path}; command -v lbctl`)).toBe("/usr/local/sbin/lbctl\n");
    } finally {
      await machine.close();
    }
  });

  test("npm, without a registry", { timeout: 300_000 }, async () => {
    const prefix = join(directory, "prefix");
    const typist = new Typist(["ip", "netns", "exec", namespace.name], dist, {
      HOME: directory,
      PATH: `${prefix}/bin:${await nodeAndNpm(join(directory, "machine"))}:/usr/bin:/bin`,
      npm_config_prefix: prefix,
    });
    try {
      for (const step of commandsOf("install.md", "npm")) await type(typist, step);
      expect((await typist.type("command -v lbctl")).output).toBe(`${prefix}/bin/lbctl\n`);
    } finally {
      await typist.close();
    }
  });
});

describe("docs/containers.md, and the part of docs/install.md", () => {
  test("an image is built, and a container of it is a director with a virtual address", {
    timeout: 1_800_000,
  }, async () => {
    const place = join(directory, "docker");
    const host = makeDockerHost(place, namespace.name);
    host.importBase();
    const context = join(directory, "checkout");
    mkdirSync(context);
    copyFileSync(join(checkout, "Dockerfile"), join(context, "Dockerfile"));
    cpSync(dist, join(context, "dist"), { recursive: true, filter: (each) => !each.includes(".work") });
    const env = { ...process.env, PATH: `${host.bin}:${process.env.PATH}` };
    const pages = [...commandsOf("install.md", "Container"), ...commandsOf("containers.md", "Building")];
    // What "npm run package" makes is in dist/ already; for another architecture the base would have to be in a registry.
    const commands = pages.filter(({ command }) => !/^npm run package|^docker buildx/.test(command));
    const builds = new Set(commands.map(({ command }) => command).filter((each) => each.startsWith("docker build ")));
    expect([...builds]).toEqual(["docker build --tag lbctl ."]);
    // Outside of the namespace: it fetches Debian packages.
    for (const build of builds) execFileSync("sh", ["-c", build], { cwd: context, env, stdio: "pipe" });

    namespace.ip("link add eth0 type veth peer name peer0");
    for (const link of ["peer0", "eth0"]) namespace.ip(`link set ${link} up`);
    namespace.ip("address add 192.0.2.1/24 dev eth0");
    const typist = new Typist(host.enter, context, env);
    const addresses = () => namespace.ip("-4 -o address show dev eth0");
    try {
      for (const step of commands) if (!builds.has(step.command)) await type(typist, step);
      await typist.type(`mkdir -p /etc/lbctl && cp ${vrrpOnly()} /etc/lbctl/lbctl.yaml`);
      for (const step of commandsOf("containers.md", "Running")) {
        // This kernel has no ip_vs.
        if (step.command.startsWith("modprobe ")) continue;
        await type(typist, step);
      }
      await until(
        "it has the VIP",
        () => addresses().includes("192.0.2.200"),
        () => typist.output,
      );
      for (const line of ["docker exec lbctl lbctl reload", "docker kill --signal HUP lbctl"])
        expect(await typist.type(line), line).toMatchObject({ status: 0 });
      await typist.type("docker stop --time 75 lbctl");
      expect(addresses()).not.toContain("192.0.2.200");
    } finally {
      await typist.type("docker rm --force lbctl");
      await typist.close();
    }
  });
});

function vrrpOnly(): string {
  const path = join(directory, "vrrp.json");
  const instance = { name: "VI_1", interface: "eth0", virtual_router_id: 51, virtual_ipaddress: ["192.0.2.200/24"] };
  writeFileSync(path, JSON.stringify({ vrrp_instance: [instance] }));
  return path;
}

/** root's, who has logged in. */
const path = "PATH=/usr/local/sbin:/usr/local/bin:$PATH";

/** Carries out the commands of a section in the folder with what was fetched. */
async function follow(
  machine: Machine,
  page: string,
  title: string,
  wanted: (command: string) => boolean = () => true,
): Promise<void> {
  for (const { command, output } of commandsOf(page, title)) {
    if (!wanted(command)) continue;
    const said = await machine.sh(`${path}; cd fetched && ${command}`, 300_000);
    expect(shows(said, output), `${command}\n${said}`).toBe(true);
  }
}

/** Types a command until it is done: what it asks may have to start first. */
async function type(typist: Typist, { command, output: shown }: CommandStep): Promise<void> {
  const asks = / status$/.test(command);
  let last = await typist.type(command);
  const done = () => last.status === 0 && shows(last.output, shown);
  await until(
    command,
    async () => {
      if (!done() && asks) last = await typist.type(command);
      return done() || !asks;
    },
    () => last.output,
  );
  expect(done(), `${command}\n${last.output}`).toBe(true);
}
