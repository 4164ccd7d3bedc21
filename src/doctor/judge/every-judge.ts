import type { CheckId } from "../checks.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import type { Needs, ValidConfig } from "../needs.ts";
import { scripts, strictMode } from "./configuration.ts";
import { controllers } from "./controllers.ts";
import { firewall } from "./firewall.ts";
import { modules } from "./kernel.ts";
import { addresses, interfaces, managers, multicast } from "./network.ts";
import { capabilities, clock, confinement, descriptors } from "./process.ts";
import { peers, realServers } from "./reach.ts";
import { arp, conntrack, forwarding, ipvsSettings, reversePath } from "./sysctls.ts";
import { virtualAddresses, virtualRouters } from "./wire.ts";

type Judge = (needs: Needs, facts: Facts, config: ValidConfig) => Finding[];

const judges: Readonly<Record<CheckId, Judge>> = {
  modules,
  forwarding,
  "rp-filter": reversePath,
  arp,
  "ipvs-settings": ipvsSettings,
  conntrack,
  capabilities,
  descriptors,
  clock,
  confinement,
  interfaces,
  managers,
  addresses,
  multicast,
  firewall,
  "virtual-addresses": virtualAddresses,
  "virtual-routers": virtualRouters,
  peers,
  "real-servers": realServers,
  scripts,
  "strict-mode": strictMode,
  controllers,
};

/** What of this machine does not fit the configuration, in the order of the report. Pure. */
export function judge(checks: ReadonlySet<CheckId>, needs: Needs, facts: Facts, config: ValidConfig): Finding[] {
  return (Object.keys(judges) as CheckId[])
    .filter((check) => checks.has(check))
    .flatMap((check) => judges[check](needs, facts, config));
}
