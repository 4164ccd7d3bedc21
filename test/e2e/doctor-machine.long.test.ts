import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nativeHost } from "../service/host.ts";
import { bootMachine, type Machine } from "../service/machine.ts";
import { makeNetwork, type Network } from "../service/network.ts";
import { buildPackages, type Packages } from "../service/packages.ts";

// What doctor says of others on a machine, beside the real ones: systemd boots it, systemd-networkd configures its interface.

let packages: Packages;
let network: Network;
let machine: Machine;

const vip = "192.0.2.200/24";
const instance = { name: "VI_1", interface: "eth0", virtual_router_id: 51, priority: 100, virtual_ipaddress: [vip] };

beforeAll(async () => {
  packages = await buildPackages();
  network = makeNetwork(1);
  const [node] = network.nodes;
  if (node === undefined) throw new Error("no node");
  machine = await bootMachine({ host: nativeHost, namespace: node.name, packages: packages.directory });
  await machine.sh(`apt-get install -y /packages/${packages.current}`, 300_000);
  await machine.sh(`cat >/etc/lbctl/lbctl.yaml <<'END'\n${JSON.stringify({ vrrp_instance: [instance] })}\nEND`);
}, 600_000);
afterAll(async () => {
  await machine?.close();
  network?.delete();
  packages?.remove();
});

interface Finding {
  readonly status: string;
  readonly what: string;
  readonly fix: string | null;
}

async function findings(check: string): Promise<readonly Finding[]> {
  const { stdout } = await machine.exec(`lbctl doctor --only ${check} --json`);
  return (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;
}

describe("systemd-networkd", () => {
  const unmanaged = { status: "ok", what: expect.stringContaining("no systemd-networkd or NetworkManager manages") };

  test("is seen where it manages the interface of a virtual address, and what doctor advises keeps the address", async () => {
    expect(await findings("managers")).toMatchObject([unmanaged]);
    await machine.sh(`printf '[Match]\\nName=eth0\\n[Network]\\nAddress=192.0.2.1/24\\n' >/etc/systemd/network/10-eth0.network
systemctl start systemd-networkd`);
    await machine.until("networkctl status eth0 | grep -q 'State: .*(configured)'");
    const [finding] = await findings("managers");
    expect(finding).toMatchObject({ status: "warning", what: expect.stringContaining("without KeepConfiguration") });

    await machine.sh(finding?.fix ?? "");
    expect(await findings("managers")).toMatchObject([
      { status: "ok", what: expect.stringContaining("keeps what others") },
    ]);
    await machine.sh("systemctl start lbctl");
    await machine.until(`ip address show dev eth0 | grep -q ${vip}`);
    // lbctl cannot put back what it does not notice: it is stopped while networkd starts anew.
    await machine.sh("kill -STOP $(systemctl show -P MainPID lbctl) $(pgrep -f '^lbctl: vrrp')");
    await machine.sh("systemctl restart systemd-networkd");
    await machine.until("networkctl status eth0 | grep -q 'State: .*(configured)'");
    expect(await machine.sh("ip address show dev eth0")).toContain(vip);
    await machine.sh("kill -CONT $(systemctl show -P MainPID lbctl) $(pgrep -f '^lbctl: vrrp')");
  });
});
