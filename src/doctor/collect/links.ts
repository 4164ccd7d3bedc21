import { RtnetlinkClient } from "ipvs-netlink";
import type { AddressFacts, Known, LinkFacts } from "../facts.ts";
import { managerOf } from "./managers.ts";

/** Interfaces and addresses of this network namespace. */
export function lookAtLinks(): {
  readonly links: Known<readonly LinkFacts[]>;
  readonly addresses: Known<readonly AddressFacts[]>;
} {
  try {
    const client = RtnetlinkClient.open();
    try {
      const links = client.links();
      const names = new Map(links.map(({ index, name }) => [index, name]));
      return {
        links: { known: true, value: links.map((link) => ({ ...link, manager: managerOf(link.index) })) },
        addresses: {
          known: true,
          value: client.addresses().map(({ interface: index, address, prefixLength, tentative, dadFailed }) => ({
            ...{ interface: names.get(index) ?? String(index), address, prefixLength, tentative, dadFailed },
          })),
        },
      };
    } finally {
      client.close();
    }
  } catch (error) {
    const unknown = { known: false, why: `interfaces cannot be listed: ${(error as Error).message}` } as const;
    return { links: unknown, addresses: unknown };
  }
}
