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

const isConfigured = "networkctl status eth0 | grep -q 'State: .*(configured)'";

/** networkd configures an interface with a virtual address anew. */
async function reconfigure(): Promise<void> {
  await machine.sh(`ip address replace ${vip} dev eth0; networkctl reconfigure eth0`);
  await machine.until(isConfigured);
}

describe("systemd-networkd", () => {
  test("is seen where it manages the interface of a virtual address, and what doctor advises keeps the address", async () => {
    const [before, ...others] = await findings("managers");
    expect(others).toEqual([]);
    expect(before).toMatchObject({ status: "ok", what: expect.stringContaining("no systemd-networkd") });
    const settings =
      "[Match]\\nName=eth0\\n[Network]\\nAddress=192.0.2.1/24\\nLinkLocalAddressing=no\\nIPv6AcceptRA=no\\n";
    await machine.sh(`printf '${settings}' >/etc/systemd/network/10-eth0.network; systemctl start systemd-networkd`);
    await machine.until(isConfigured);
    const [finding] = await findings("managers");
    expect(finding).toMatchObject({ status: "warning", what: expect.stringContaining("without KeepConfiguration") });
    await reconfigure();
    await machine.until(`! ip address show dev eth0 | grep -q ${vip}`);

    await machine.sh(finding?.fix ?? "");
    await machine.until(isConfigured);
    expect(await findings("managers")).toMatchObject([
      { status: "ok", what: expect.stringContaining("keeps what others") },
    ]);
    await reconfigure();
    expect(await machine.sh("ip address show dev eth0")).toContain(vip);
  });
});
