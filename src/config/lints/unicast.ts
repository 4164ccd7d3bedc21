import type { Problem } from "../expand/problem.ts";
import type { InterfaceAddress } from "./host-facts.ts";
import { instancesOf, virtualAddressesOf, type WrittenInstance } from "./instances.ts";
import type { LintContext } from "./lint.ts";

/** Unicast between addresses that cannot be those of two routers. */
export function* unicast({ config, host }: LintContext): Iterable<Problem> {
  const own = host?.addresses ?? null;
  for (const { written, path } of instancesOf(config)) {
    const { unicast_src_ip: source, unicast_peer: peers = [] } = written;
    for (const [word, { address }] of peers.entries()) {
      const owner = source === address ? "unicast_src_ip" : own?.find((each) => each.address === address)?.interface;
      if (owner === undefined) continue;
      const whose = owner === "unicast_src_ip" ? "unicast_src_ip, too" : `an address of this host, on ${owner}`;
      yield {
        path: [...path, "unicast_peer"],
        word,
        code: "unicast-source-is-peer",
        message: `the peer ${address} is ${whose}: the instance would send adverts to itself`,
        hint: "list the other routers only",
      };
    }
    if (source === undefined || own === null || own.some(({ address }) => address === source)) continue;
    yield {
      path: [...path, "unicast_src_ip"],
      code: "unicast-source-missing",
      message: `no interface of this host that is up has the address ${source}`,
      hint: sourceHint(written, own),
    };
  }
}

function sourceHint(written: WrittenInstance, addresses: readonly InterfaceAddress[]): string {
  const { unicast_src_ip: source = "", interface: link } = written;
  if (virtualAddressesOf(written).some((address) => address.split("/")[0] === source))
    return "it is a virtual address, which the backup does not have: take an address that stays";
  const near = addresses.filter(
    (each) => each.interface === link && each.address.includes(":") === source.includes(":"),
  );
  if (near.length === 0) return "peers that check the source drop adverts from another one";
  return `${link} has ${near
    .slice(0, 3)
    .map(({ address }) => address)
    .join(", ")}`;
}
