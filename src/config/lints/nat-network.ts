import { type Network, networkContains, networkOf } from "../../net/network.ts";
import type { Problem } from "../expand/problem.ts";
import { virtualServer } from "../keywords/lvs.ts";
import { instancesOf, virtualAddressesOf } from "./instances.ts";
import type { LintContext } from "./lint.ts";

/** NAT to a real server on the network of the virtual address: clients of that network are answered past the director. */
export function* natNetwork({ config, host }: LintContext): Iterable<Problem> {
  const networks = new Map<string, Network>((host?.addresses ?? []).map((own) => [own.address, own]));
  const own = new Set(networks.keys());
  for (const { written } of instancesOf(config)) {
    for (const address of virtualAddressesOf(written)) {
      const network = networkOf(address);
      if (network !== null && address.includes("/")) networks.set(network.address, network);
    }
  }
  for (const [index, written] of config.virtual_server.entries()) {
    const network = networks.get(written?.address ?? "");
    if (written === null || network === undefined || network.prefixLength === 0) continue;
    const forwarding = written.lvs_method ?? virtualServer.entries.lvs_method.row.default;
    const found = (written.real_server ?? []).findIndex(
      ({ address, lvs_method: method = forwarding }) =>
        method.method === "NAT" &&
        !own.has(address) &&
        address !== network.address &&
        networkContains(network, address),
    );
    const server = written.real_server?.[found];
    if (server === undefined) continue;
    yield {
      path: ["virtual_server", index, "real_server", found, "address"],
      code: "nat-on-vip-network",
      message: `${server.address} is on the network of ${network.address}/${network.prefixLength}: it answers clients of that network directly, not through NAT, and they drop the answer`,
      hint: "put the real servers on a network of their own, or use lvs_method DR",
    };
  }
}
