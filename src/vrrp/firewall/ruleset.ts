import { addressFamily } from "ipvs-netlink";
import type { Firewall as FirewallSettings } from "../../config/vrrp-model.ts";
import { removalOfTables } from "../../nft/nft.ts";

/** What the firewall is for. */
export interface FirewallNeeds {
  /**
   * Addresses to which a master that is not their owner takes no packets (no_accept). Those of instances that are no master may be in it:
   * packets to an address that is not here do not pass the hooks.
   */
  readonly closed: readonly ClosedAddress[];
  /** VMACs that exist: group memberships are told on the interface below, routers are not asked for through them. */
  readonly vmacs: readonly { readonly name: string; readonly base: string }[];
}

export interface ClosedAddress {
  readonly address: string;
  /** Where it sits; matters for link-local addresses only. `index` is null while there is no such interface. */
  readonly interface: string;
  readonly index: number | null;
}

/** How memberships of VMACs are handled where the kernel cannot send a packet a second time (nft_dup). */
export type Memberships = "moved" | "left";

/**
 * Input for `nft -f -`: one transaction that puts our tables in the place of what was there. A table without rules is
 * left away. Pure.
 */
export function rulesetText(needs: FirewallNeeds, settings: FirewallSettings, memberships: Memberships): string {
  const tables = [
    tableText("ip", settings, inetParts(needs, settings, memberships)),
    tableText("ip6", settings, inet6Parts(needs, settings, memberships)),
  ];
  return `${removalText(settings)}${tables.join("")}`;
}

/** Removes our tables, whether they are there or not. */
export function removalText({ table }: FirewallSettings): string {
  return removalOfTables(table);
}

interface Parts {
  readonly sets: readonly string[];
  readonly input: readonly string[];
  readonly output: readonly string[];
}

function tableText(family: string, { table, priority }: FirewallSettings, { sets, input, output }: Parts): string {
  const chain = (name: string, hook: string, rules: readonly string[]) =>
    rules.length === 0
      ? []
      : [`chain ${name} {`, `  type filter hook ${hook} priority ${priority}; policy accept;`, ...indented(rules), "}"];
  const chains = [...chain("out", "output", output), ...chain("in", "input", input)];
  return chains.length === 0 ? "" : [`table ${family} ${table} {`, ...indented([...sets, ...chains]), "}\n"].join("\n");
}

function inetParts(
  { closed, vmacs }: FirewallNeeds,
  { counters, outbound }: FirewallSettings,
  memberships: Memberships,
): Parts {
  const drop = counters ? "counter drop" : "drop";
  const addresses = unique(
    closed.filter(({ address }) => addressFamily(address) === "inet").map((each) => each.address),
  );
  const sets = addresses.length > 0 ? [setText("vips", "ipv4_addr", addresses)] : [];
  const output: string[] = [];
  const input: string[] = [];
  if (vmacs.length > 0 && memberships === "moved") {
    sets.push(mapText(vmacs));
    output.push(`ip protocol igmp oif @vmacs dup to ip daddr device oif map @bases ${drop}`);
    sets.push(
      setText(
        "vmacs",
        "iface_index",
        vmacs.map(({ name }) => quoted(name)),
      ),
    );
  }
  if (addresses.length > 0) {
    if (outbound) output.push(`ip saddr @vips ${drop}`);
    input.push(`ip daddr @vips ${drop}`);
  }
  return { sets, input, output };
}

function inet6Parts(
  { closed, vmacs }: FirewallNeeds,
  { counters, ifindex, outbound }: FirewallSettings,
  memberships: Memberships,
): Parts {
  const drop = counters ? "counter drop" : "drop";
  const inet6 = closed.filter(({ address }) => addressFamily(address) === "inet6");
  const local = inet6.filter(({ address }) => address.startsWith("fe80:"));
  const addresses = unique(inet6.filter((each) => !local.includes(each)).map(({ address }) => address));
  const onLinks = unique(
    ifindex
      ? local.flatMap(({ address, index }) => (index === null ? [] : [`${address} . ${index}`]))
      : local.map(({ address, interface: name }) => `${address} . ${quoted(name)}`),
  );
  const sets: string[] = [];
  const output: string[] = [];
  const input: string[] = [];
  if (vmacs.length > 0) {
    sets.push(
      setText(
        "vmacs",
        "iface_index",
        vmacs.map(({ name }) => quoted(name)),
      ),
    );
    if (memberships === "moved") {
      sets.push(mapText(vmacs));
      output.push(`icmpv6 type mld2-listener-report oif @vmacs dup to ip6 daddr device oif map @bases ${drop}`);
    }
    output.push(`icmpv6 type nd-router-solicit oif @vmacs ${drop}`);
  }
  if (addresses.length + onLinks.length > 0) {
    // RFC 9568 6.4.3: neighbour solicitations and advertisements are never dropped.
    const accept = "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept";
    if (outbound) output.push(accept);
    input.push(accept);
  }
  if (addresses.length > 0) {
    sets.push(setText("vips", "ipv6_addr", addresses));
    if (outbound) output.push(`ip6 saddr @vips ${drop}`);
    input.push(`ip6 daddr @vips ${drop}`);
  }
  if (onLinks.length > 0) {
    const suffix = ifindex ? "" : "name";
    sets.push(setText("link_local_vips", `ipv6_addr . ${ifindex ? "iface_index" : "ifname"}`, onLinks));
    if (outbound) output.push(`ip6 saddr . oif${suffix} @link_local_vips ${drop}`);
    input.push(`ip6 daddr . iif${suffix} @link_local_vips ${drop}`);
  }
  return { sets, input, output };
}

function setText(name: string, type: string, elements: readonly string[]): string {
  return `set ${name} { type ${type}; elements = { ${elements.join(", ")} }; }`;
}

function mapText(vmacs: FirewallNeeds["vmacs"]): string {
  const elements = vmacs.map(({ name, base }) => `${quoted(name)} : ${quoted(base)}`);
  return `map bases { type iface_index : iface_index; elements = { ${elements.join(", ")} }; }`;
}

function quoted(name: string): string {
  return `"${name}"`;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
