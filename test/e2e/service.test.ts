import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startLoad } from "../kernel/client-load.ts";
import { nodeCommand } from "../kernel/guest-node.ts";
import { nativeHost } from "../service/host.ts";
import { bootMachine } from "../service/machine.ts";
import { canBootMachines, makeNetwork } from "../service/network.ts";
import { buildPackages, type Packages } from "../service/packages.ts";

// Debian 12 booted by systemd, with a VIP by VRRP and the user-space data plane, as this kernel may have no IPVS.
// test/kernel/service.long.test.ts has IPVS, and everything else.

let packages: Packages;
beforeAll(() => {
  packages = buildPackages();
});
afterAll(() => packages?.remove());

const config = (advertS: number) => ({
  vrrp_instance: [
    {
      ...{ name: "VI_1", interface: "eth0", virtual_router_id: 51, version: 3, priority: 100, advert_int: advertS },
      virtual_ipaddress: ["192.0.2.200/24"],
    },
  ],
  virtual_server: [
    {
      ...{ address: "192.0.2.200", port: 80, protocol: "TCP", delay_loop: 1 },
      real_server: [{ address: "127.0.0.1", port: 8001, TCP_CHECK: { connect_timeout: 1 } }],
    },
  ],
});

describe.skipIf(!canBootMachines())("the .deb on a machine without Node", () => {
  test("installed, configured, reloaded, upgraded, purged", async () => {
    const network = makeNetwork(1);
    onTestFinished(() => network.delete());
    const namespace = network.nodes[0]?.name ?? "";
    const web = nativeHost.start(`exec ${nodeCommand("src/demo/web-server.ts", "r1", "8001")}`, {
      namespace,
      timeoutMs: 1_000_000,
    });
    onTestFinished(() => web.signal("KILL"));
    const machine = await bootMachine({ host: nativeHost, namespace, packages: packages.directory });
    onTestFinished(() => machine.close());
    const configure = (text: object) => machine.sh(`cat >/etc/lbctl/lbctl.yaml <<'END'\n${JSON.stringify(text)}\nEND`);

    // Without a configuration it is installed, enabled, and has not failed.
    await machine.sh(`apt-get install -y --no-install-recommends /packages/${packages.current}`);
    expect(await machine.sh("lbctl --version")).toBe(`lbctl ${packages.version}\n`);
    expect(
      (await machine.exec("systemctl is-enabled lbctl; systemctl is-active lbctl; systemctl is-failed lbctl")).stdout,
    ).toBe("enabled\ninactive\ninactive\n");
    expect(await machine.sh("journalctl -u lbctl --no-pager")).toContain(
      "not started: there is no /etc/lbctl/lbctl.yaml",
    );

    await configure(config(1));
    await machine.sh(`sed -i 's/^LBCTL_ARGS=.*/LBCTL_ARGS="--dataplane userspace"/' /etc/default/lbctl`);
    await machine.sh("systemctl start lbctl");
    await machine.until("ip address show dev eth0 | grep -q 192.0.2.200");
    expect(await machine.sh("systemctl show -p StatusText lbctl")).toContain(
      "configuration 1: 1 virtual server; VRRP: ",
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

    await machine.sh(`apt-get install -y --no-install-recommends /packages/${packages.next}`);
    expect(JSON.parse(await machine.sh("lbctl status --json")).daemon.version).toBe(packages.nextVersion);
    const summary = await load.stop();
    console.log(JSON.stringify(summary));

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
});
