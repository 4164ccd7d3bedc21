import { expect } from "vitest";
import type { StatusDocument } from "../../src/control/status-document.ts";
import { until } from "./lbctl.ts";
import { type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

export const hmac = { auth_hmac: { key: "1 0123456789abcdef0123456789abcdef", active_key: 1 } };

/** Two routers that speak VRRP and BFD with each other; the first is master. */
export async function startPair(nodes: readonly [VrrpNode, VrrpNode], instance: object, bfd: object): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    const other = `192.0.2.${2 - index}`;
    node.configure({
      bfd_instance: [{ name: "peer", neighbor_ip: other, ...bfd }],
      vrrp_instance: [vrrpInstance("VI_1", { priority: 200 - index * 100, ...instance })],
    });
    node.startOnKernel();
  }
  const [one, other] = nodes;
  await one.reaches("VI_1", "master");
  await other.reaches("VI_1", "backup");
  for (const node of nodes) {
    await until("the BFD session is up", async () => {
      const { bfd_instances } = await node
        .status()
        .catch(() => ({ bfd_instances: [] as StatusDocument["bfd_instances"] }));
      return bfd_instances[0]?.state === "up";
    });
  }
  // Of a master that was started while the other one was not there yet.
  await until("the backup knows its master", async () => (await other.instance("VI_1"))?.master?.priority === 200);
}

/** How long nobody spoke, in ms. */
export async function upgraded(node: VrrpNode): Promise<{ readonly vrrp: number; readonly bfd: number }> {
  const { status, stdout, stderr } = await node.lbctl("upgrade", "--json");
  expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: "" });
  const { carried, pauses_ms } = JSON.parse(stdout);
  expect(carried).toBe("everything");
  return pauses_ms;
}
