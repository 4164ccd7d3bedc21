import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { nativeHost } from "../../service/host.ts";
import { bootMachine } from "../../service/machine.ts";
import { canBootMachines, makeNetwork } from "../../service/network.ts";
import { buildPackages, type Packages } from "../../service/packages.ts";
import { blocksOf, stepsOf, textOf } from "../page.ts";

// docs/service.md, and what docs/operations.md says of the journal: word for word, on Debian booted by systemd. This machine's
// kernel may have no IPVS: VRRP only.

let packages: Packages;
beforeAll(async () => {
  packages = await buildPackages();
}, 600_000);
afterAll(() => packages?.remove());

const yaml = `vrrp_instance:
  - { name: VI_1, interface: eth0, virtual_router_id: 51, priority: 100, virtual_ipaddress: [192.0.2.200/24] }
`;
const conf = `vrrp_instance VI_2 {
    interface eth0
    virtual_router_id 52
    priority 100
    virtual_ipaddress {
        192.0.2.201/24
    }
}
`;

describe.skipIf(!canBootMachines())("docs/service.md", () => {
  test("word for word", { timeout: 900_000 }, async () => {
    const network = makeNetwork(1);
    onTestFinished(() => network.delete());
    const namespace = network.nodes[0]?.name ?? "";
    const machine = await bootMachine({ host: nativeHost, namespace, packages: packages.directory });
    onTestFinished(() => machine.close());
    const write = (path: string, text: string) =>
      machine.sh(`mkdir -p "$(dirname ${path})" && cat >${path} <<'END'\n${text}END`);
    const follow = async (page: string, title: string, wanted: (command: string) => boolean = () => true) => {
      const steps = stepsOf(page, title).filter(({ command }) => wanted(command));
      expect(steps.length).toBeGreaterThan(0);
      for (const { command } of steps) await machine.sh(`cd /packages && ${command}`, 300_000);
    };
    const ofKeepalived = (command: string) => /keepalived/.test(command);

    // Whoever edits writes this.
    await write("/usr/bin/editor", `#!/bin/sh\ncat >"$1" <<'YAML'\n${yaml}YAML\n`);
    await machine.sh("chmod +x /usr/bin/editor");
    await follow("docs/service.md", "From nothing to a director", (command) => !ofKeepalived(command));
    await machine.until('lbctl status --json | grep -q \'"state": *"master"\'');

    await follow("docs/operations.md", "Fields in the journal");
    const [byInstance] = stepsOf("docs/operations.md", "Fields in the journal");
    expect(await machine.sh(byInstance?.command ?? "")).toMatch(/vrrp VI_1 backup -> master/);

    await machine.sh("systemctl stop lbctl");
    await write("/etc/keepalived/keepalived.conf", conf);
    await write(
      "/etc/systemd/system/keepalived.service",
      "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
    );
    await machine.sh("systemctl daemon-reload && systemctl enable --now keepalived");
    await follow("docs/service.md", "From nothing to a director", ofKeepalived);
    await machine.sh("systemctl start lbctl");
    expect(await machine.sh("lbctl status")).toContain("VI_2");
    expect((await machine.exec("systemctl is-active keepalived")).stdout).toBe("inactive\n");

    await follow("docs/service.md", "What the service may do");
    expect(await machine.sh("lbctl status")).toContain("VI_2");
    const page = textOf("docs/service.md");
    const rows = [...page.matchAll(/^\| `([\w-]+\.conf)` \|.*\| ([0-9.]+) \|$/gm)];
    const said = [["", /`systemd-analyze security` says ([0-9.]+)/.exec(page)?.[1]], ...rows.map(([, ...row]) => row)];
    expect(said).toHaveLength(4);
    const measured: unknown[] = [];
    for (const [file = ""] of said) {
      const drop = "/etc/systemd/system/lbctl.service.d";
      const copy = file === "" ? "" : `cp /usr/share/doc/lbctl/examples/lbctl.service.d/${file} ${drop} &&`;
      const analysed = await machine.sh(
        `rm -f ${drop}/* && ${copy} systemctl daemon-reload && systemd-analyze security lbctl --no-pager`,
      );
      measured.push([file, /lbctl\.service: ([0-9.]+)/.exec(analysed)?.[1]]);
    }
    expect(measured).toEqual(said);

    // The smaller unit, for a checkout.
    await machine.sh("systemctl disable --now lbctl && rm -rf /etc/systemd/system/lbctl.service.d");
    await machine.sh("mkdir -p /opt/lbctl/bin && ln -s /usr/bin/lbctl /opt/lbctl/bin/lbctl");
    const unit = blocksOf("docs/operations.md").find(({ language }) => language === "ini")?.text ?? "";
    await write("/etc/systemd/system/small.service", unit);
    expect(await machine.sh("systemd-analyze verify small.service 2>&1")).toBe("");
    await machine.sh("systemctl daemon-reload && systemctl enable --now small && systemctl reload small");
    await machine.until('lbctl status --json | grep -q \'"state": *"master"\'');

    // And that of one's own, of which docs/upgrades.md says that its reload upgrades in place: here it is a reload.
    await machine.sh("systemctl disable --now small");
    const own = blocksOf("docs/upgrades.md").find(({ language }) => language === "ini")?.text ?? "";
    await write("/etc/systemd/system/own.service", own);
    expect(await machine.sh("systemd-analyze verify own.service 2>&1")).toBe("");
    await machine.sh("systemctl daemon-reload && systemctl start own && systemctl reload own");
    await machine.until('lbctl status --json | grep -q \'"state": *"master"\'');
    const before = await machine.sh("systemctl show --value -p MainPID own");
    await machine.sh("lbctl upgrade");
    // The process that took over is the service, and a stop is its end.
    await machine.until(
      `systemctl is-active own && test "$(systemctl show --value -p MainPID own)" != ${before.trim()}`,
    );
    await machine.sh("systemctl stop own");
    expect(await machine.sh("pgrep -x lbctl | wc -l")).toBe("0\n");
  });
});
