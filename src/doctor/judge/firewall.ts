import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { Facts } from "../facts.ts";
import { type Finding, findingsOf } from "../finding.ts";
import type { Packet } from "../firewall/match.ts";
import { readRuleset } from "../firewall/ruleset.ts";
import { type Verdict, verdictOn } from "../firewall/verdict.ts";
import type { Needs, ValidConfig } from "../needs.ts";

/** Whether adverts come in and go out, by the rules that nft shows. */
export function firewall(needs: Needs, { ruleset, legacyTables, hasNft }: Facts, { vrrp }: ValidConfig): Finding[] {
  const say = findingsOf("firewall");
  const found: Finding[] = [];
  if (needs.usesFirewall && !hasNft) {
    const why = "no_accept, strict mode and nftables_ipvs are carried out by it";
    found.push(say.failure("the program nft is missing", why, "apt-get install nftables"));
  }
  if (vrrp.instances.length === 0) return found.length > 0 ? found : [say.ok("no VRRP instance")];
  if (legacyTables) {
    found.push(say.unknown("there are rules of iptables-legacy, which are not looked at", null, "iptables-legacy -S"));
  }
  if (!ruleset.known) return [...found, say.unknown(ruleset.why, null, "nft list ruleset")];
  const rules = readRuleset(ruleset.value);
  if (rules === null)
    return [...found, say.unknown("what nft printed could not be understood", null, "nft list ruleset")];
  const said = new Set<string>();
  for (const packet of vrrp.instances.flatMap(packetsOf)) {
    const verdict = verdictOn(rules, packet);
    const finding = findingOf(packet, verdict);
    if (finding === null || said.has(finding.what)) continue;
    said.add(finding.what);
    found.push(finding);
  }
  return found.length > 0 ? found : [say.ok("the packet filter lets adverts in and out")];
}

function packetsOf(instance: VrrpInstance): Packet[] {
  const { family, interface: on, transport, authentication } = instance;
  const place = { family, protocol: authentication?.type === "AH" ? 51 : 112, interface: on } as const;
  if (transport.kind === "multicast") {
    const { group, source } = transport;
    const advert = { ...place, destination: group, isMulticast: true };
    return [
      { ...advert, hook: "input", source: null },
      { ...advert, hook: "output", source },
    ];
  }
  return transport.peers.flatMap(({ address }) => [
    { ...place, hook: "input", source: address, destination: transport.source, isMulticast: false },
    { ...place, hook: "output", source: transport.source, destination: address, isMulticast: false },
  ]);
}

function findingOf(packet: Packet, { passes, certain, chain, handle }: Verdict): Finding | null {
  const say = findingsOf("firewall");
  if (chain === null) return null;
  const { family, table, name, policy } = chain;
  const way = packet.hook === "input" ? "in" : "out";
  const place = `${family} ${table} ${name}`;
  const by = handle === null ? `policy ${policy} of chain ${place}` : `rule ${handle} of chain ${place}`;
  const protocol = packet.protocol === 51 ? "adverts (protocol 51, AH)" : "adverts (protocol 112)";
  const where = packet.interface === null ? "" : ` on ${packet.interface}`;
  const fix = `nft insert rule ${place} meta l4proto ${packet.protocol} accept`;
  const why =
    packet.hook === "input"
      ? "The master is not heard: both routers become master"
      : "The other routers hear nothing and take over";
  if (certain && !passes) return say.failure(`${protocol} that go ${way}${where} are dropped by ${by}`, why, fix);
  return say.unknown(
    `${protocol} that go ${way}${where} may be dropped by ${by}: it is too much for this check`,
    why,
    `nft -a list chain ${place}`,
  );
}
