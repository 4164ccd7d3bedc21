import { globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { commandTree } from "../../src/cli/command-tree.ts";
import { createWholeProgram } from "../../src/cli/commands.ts";
import { deadLinks } from "../../src/cli/testing/dead-links.ts";
import type { StatusDocument } from "../../src/control/status-document.ts";
import { startLoad } from "../kernel/client-load.ts";
import { nativeHost } from "../service/host.ts";
import { bootMachine } from "../service/machine.ts";
import { canBootMachines, makeNetwork } from "../service/network.ts";
import { buildPackages, type Packages } from "../service/packages.ts";
import { unpack } from "../service/unpacked.ts";
import { stepsOf } from "./page.ts";

// Debian 12 booted by systemd, with a virtual address by VRRP on this machine's own kernel, which may have no IPVS:
// test/kernel/service.long.test.ts has it.

let packages: Packages;
beforeAll(async () => {
  packages = await buildPackages();
}, 400_000);
afterAll(() => packages?.remove());

/** In the machine's network, on every address that it has. */
const webServer = `exec '${process.execPath}' -e '
  require("node:http").createServer((_, answer) => answer.writeHead(200, { connection: "close" }).end("web")).listen(80)'`;

const config = (advertS: number) => ({
  vrrp_instance: [
    {
      ...{ name: "VI_1", interface: "eth0", virtual_router_id: 51, version: 3, priority: 100, advert_int: advertS },
      virtual_ipaddress: ["192.0.2.200/24"],
      notify_stop: "/bin/sh -c 'sleep 2; touch /run/stopped'",
    },
  ],
});

const keepalivedConf = "/etc/keepalived/keepalived.conf";

const instanceWith = (vip: string) => `vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 100
    version 3
    advert_int 0.2
    virtual_ipaddress {
        ${vip}/24
    }
}
`;

test("the .deb has a man page for each command, completions, and what its documents link to", async () => {
  const share = unpack(packages, "usr/share");
  const { commands } = commandTree(await createWholeProgram());
  const pages8 = readdirSync(join(share, "man/man8")).map((name) => name.replace(/\.8\.gz$/, ""));
  expect(pages8.toSorted()).toEqual(["lbctl", ...commands.map(({ name }) => `lbctl-${name}`)].toSorted());
  const others = ["bash-completion/completions/lbctl", "zsh/vendor-completions/_lbctl", "man/man5/lbctl.conf.5.gz"];
  for (const name of [...others, "fish/vendor_completions.d/lbctl.fish"])
    expect(statSync(join(share, name)).size).toBeGreaterThan(1000);
  const documents = join(share, "doc/lbctl");
  const pages = globSync("**/*.md", { cwd: documents });
  expect(pages).toEqual(expect.arrayContaining(["docs/README.md", "docs/guides/first-pair.md", "checkers/README.md"]));
  expect(deadLinks(documents, pages)).toEqual([]);
});

describe.skipIf(!canBootMachines())("the .deb on a machine without Node", () => {
  test("installed, configured, reloaded, upgraded, purged", async () => {
    const network = makeNetwork(1);
    onTestFinished(() => network.delete());
    const namespace = network.nodes[0]?.name ?? "";
    const web = nativeHost.start(webServer, { namespace, timeoutMs: 1_000_000 });
    onTestFinished(() => web.signal("KILL"));
    const machine = await bootMachine({ host: nativeHost, namespace, packages: packages.directory });
    onTestFinished(() => machine.close());
    const configure = (text: object) => machine.sh(`cat >/etc/lbctl/lbctl.yaml <<'END'\n${JSON.stringify(text)}\nEND`);

    // Without a configuration it is installed and enabled, and has not failed.
    await machine.sh(`apt-get install -y --no-install-recommends /packages/${packages.current}`);
    expect(await machine.sh("lbctl --version")).toBe(`lbctl ${packages.version}\n`);
    expect(
      (await machine.exec("systemctl is-enabled lbctl; systemctl is-active lbctl; systemctl is-failed lbctl")).stdout,
    ).toBe("enabled\ninactive\ninactive\n");
    expect(await machine.sh("journalctl -u lbctl --no-pager")).toContain(
      "not started: there is no /etc/lbctl/lbctl.yaml",
    );

    await configure(config(1));
    await machine.sh("systemctl start lbctl");
    await machine.until("ip address show dev eth0 | grep -q 192.0.2.200");
    expect(await machine.sh("systemctl show -p StatusText lbctl")).toContain(
      "configuration 1: 0 virtual servers; VRRP: ",
    );
    await machine.until('lbctl status --json | grep -q \'"state": *"master"\'');
    const load = await startLoad(nativeHost, { url: "http://192.0.2.200/", namespace: network.client.name });
    onTestFinished(async () => void (await load.stop().catch(() => {})));

    await configure(config(0.5));
    await machine.sh("systemctl reload lbctl");
    expect(await machine.sh("systemctl show -p StatusText lbctl")).toContain("configuration 2: ");
    await configure({ virtual_servr: [] });
    expect((await machine.exec("systemctl reload lbctl")).status).toBe(1);
    expect(await machine.sh("systemctl is-active lbctl")).toBe("active\n");
    await configure(config(1));

    // What dies is started again; the address waits for it.
    const killed = (await machine.sh("systemctl show -p MainPID --value lbctl")).trim();
    await machine.sh(`kill -KILL ${killed}`);
    await machine.until(
      `test "$(systemctl show -p MainPID --value lbctl)" != ${killed} && systemctl is-active --quiet lbctl`,
    );
    await machine.until('lbctl status --json | grep -q \'"state": *"master"\'');

    // The package upgrades in place; what the file says by now is in force afterwards. What was changed in its default options stays, and
    // those of the new version lie beside it, as with every package whose upgrade asks nobody.
    const before = await machine.sh("systemctl show -p MainPID --value lbctl");
    await machine.sh("echo '# ours' >>/etc/default/lbctl");
    const asksNobody = "-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold";
    await machine.sh(`apt-get install -y --no-install-recommends ${asksNobody} /packages/${packages.next}`);
    expect(await machine.sh("tail -n 1 /etc/default/lbctl /etc/default/lbctl.dpkg-dist")).toMatch(
      /# ours\n[\s\S]*# What is new/,
    );
    expect(JSON.parse(await machine.sh("lbctl status --json")).daemon.version).toBe(packages.nextVersion);
    expect(await machine.sh("systemctl show -p MainPID --value lbctl")).not.toBe(before);
    expect(await machine.sh("systemctl show -p ActiveState -p NRestarts --value lbctl")).toBe("1\nactive\n");
    expect(await load.stop()).toMatchObject({ failed: 0, byReason: {} });

    // The stop is an ordered one, although systemd has not started this process; what notify_stop starts outlives the service.
    await machine.sh("systemctl stop lbctl");
    expect(await machine.sh("ip address show dev eth0")).not.toContain("192.0.2.200");
    expect(await machine.sh("systemctl show -p Result --value lbctl")).toBe("success\n");
    await machine.until("test -e /run/stopped");
    await machine.sh("apt-get purge -y lbctl");
    expect(
      (
        await machine.exec(
          "ls -d /etc/lbctl /etc/default/lbctl /var/lib/lbctl /var/cache/lbctl /run/lbctl /usr/lib/lbctl",
        )
      ).stdout,
    ).toBe("");
    expect(await machine.sh("ip address show dev eth0")).not.toContain("192.0.2.200");
    expect(await machine.sh("pgrep -c node || true")).toBe("0\n");
  });

  test("keepalived's own unit works with the word changed", async () => {
    const network = makeNetwork(1);
    onTestFinished(() => network.delete());
    const namespace = network.nodes[0]?.name ?? "";
    const machine = await bootMachine({ host: nativeHost, namespace, packages: packages.directory });
    onTestFinished(() => machine.close());
    const write = (path: string, text: string) =>
      machine.sh(`mkdir -p "$(dirname ${path})" && cat >${path} <<'END'\n${text}END`);
    const configure = (vip: string) => write(keepalivedConf, instanceWith(vip));
    const holds = (vip: string) => machine.until(`ip address show dev eth0 | grep -q ${vip}/24`);
    const status = async () => JSON.parse(await machine.sh("lbctl status --json")) as StatusDocument;
    const mainPid = async () => (await machine.sh("systemctl show --property MainPID --value keepalived")).trim();

    // As Debian's package has installed them on this machine.
    for (const file of ["/lib/systemd/system/keepalived.service", "/etc/default/keepalived"])
      await write(file, readFileSync(file, "utf8"));
    await configure("192.0.2.200");
    await machine.sh(`apt-get install -y --no-install-recommends /packages/${packages.current}`);
    expect((await machine.exec("systemctl is-active lbctl")).stdout).toBe("inactive\n");
    for (const { command } of stepsOf("docs/operations.md", "Flags of keepalived")) await machine.sh(command);
    await holds("192.0.2.200");
    expect((await status()).daemon.config_file).toBe(keepalivedConf);
    expect(await machine.sh("lbctl validate")).toMatch(/^\/etc\/keepalived\/keepalived\.conf: valid, 1 VRRP instance/);

    // A reload by its SIGHUP, and one that is refused.
    await configure("192.0.2.201");
    await machine.sh("systemctl reload keepalived");
    await holds("192.0.2.201");
    await write(keepalivedConf, "vrrp_instnce VI_1 {\n}\n");
    await machine.sh("systemctl reload keepalived");
    await machine.until("lbctl status | grep -q 'reload refused'");
    await configure("192.0.2.202");

    // Its options, and what an operator says of real servers, without the directories that our unit makes.
    await machine.sh(`sed -i 's/^DAEMON_ARGS=.*/DAEMON_ARGS="-D -p \\/run\\/keepalived.pid"/' /etc/default/keepalived`);
    await machine.sh("systemctl restart keepalived && lbctl log-level notice | grep -q 'debug -> notice'");
    await holds("192.0.2.202");
    expect((await machine.sh("cat /run/keepalived.pid")).trim()).toBe(await mainPid());

    // An upgrade goes on with the file that was found at the start.
    await write("/etc/lbctl/lbctl.yaml", JSON.stringify({ ...config(1), instance: "other" }));
    const before = await mainPid();
    await machine.sh("lbctl upgrade");
    expect((await status()).daemon.config_file).toBe(keepalivedConf);
    await machine.until(`test "$(systemctl show --property MainPID --value keepalived)" != ${before}`);

    await machine.sh("systemctl stop keepalived");
    expect(await machine.sh("ip address show dev eth0; pgrep -lx lbctl || true")).not.toMatch(/192\.0\.2\.20|lbctl/);
    expect(await machine.sh("systemctl show --property Result --value keepalived")).toBe("success\n");

    await machine.sh("rm /etc/lbctl/lbctl.yaml /etc/keepalived/keepalived.conf");
    expect(await machine.exec("lbctl validate")).toMatchObject({
      status: 4,
      stderr: expect.stringMatching(/^\/etc\/lbctl\/lbctl\.yaml: .* no \/etc\/keepalived\/keepalived\.conf/),
    });
  });
});
