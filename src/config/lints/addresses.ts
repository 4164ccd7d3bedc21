import { networkOf } from "../../net/network.ts";
import type { Problem } from "../expand/problem.ts";
import { allInstancesKnown, instancesOf, virtualAddressesOf } from "./instances.ts";
import type { LintContext } from "./lint.ts";

/** Virtual addresses that lack their network, and virtual servers whose address nobody brings up. */
export function* addresses({ config, host }: LintContext): Iterable<Problem> {
  const known = new Set((host?.addresses ?? []).map(({ address }) => address));
  for (const { address } of config.static_ipaddress ?? []) known.add(bare(String(address)));
  for (const { written, path } of instancesOf(config)) {
    const listed = virtualAddressesOf(written);
    for (const address of listed) known.add(bare(address));
    for (const { address } of written.virtual_ipaddress_excluded ?? []) known.add(bare(String(address)));
    const word = listed.findIndex((address) => !address.includes("/"));
    const address = listed[word];
    if (address === undefined) continue;
    const { prefixLength } = networkOf(address) ?? { prefixLength: 32 };
    const others = listed.filter((each) => !each.includes("/")).length - 1;
    const alike = others === 0 ? "" : `, as ${others} more of ${written.name}`;
    yield {
      path: [...path, "virtual_ipaddress"],
      word,
      code: "vip-without-prefix",
      message: `${address} is set as ${address}/${prefixLength}${alike}: the host gets no route to the network around it`,
      hint: `write the length of its network: ${address}/${address.includes(":") ? 64 : 24}`,
    };
  }
  if (config.vrrp_instance.length === 0 || !allInstancesKnown(config)) return;
  for (const [index, written] of config.virtual_server.entries()) {
    const address = written?.address;
    if (address === undefined || known.has(address)) continue;
    yield {
      path: ["virtual_server", index, "address"],
      code: "vip-of-no-instance",
      message: `no vrrp_instance has the address ${address}: nobody brings it up, and it does not move to the other router`,
      hint: "add it to the virtual_ipaddress of an instance",
    };
  }
}

function bare(address: string): string {
  return address.split("/")[0] ?? "";
}
