import { addressFamily } from "ipvs-netlink";
import type { MarkedRange, Marking, MarkSettings } from "../config/ipvs-model.ts";
import { removalOfTables } from "../nft/nft.ts";

/** IPVS sees packets of this machine's own programs at -99 (NF_IP_PRI_NAT_DST + 1): their mark must be there before. */
const LATEST_OUTPUT_PRIORITY = -150;

const FAMILIES = [
  { family: "inet", table: "ip", type: "ipv4_addr" },
  { family: "inet6", table: "ip6", type: "ipv6_addr" },
] as const;

/**
 * Input for `nft -f -`: one transaction that puts our tables in the place of what was there; without markings there are
 * none. Pure.
 */
export function markRuleset(markings: readonly Marking[], { table, priority }: MarkSettings): string {
  const tables = FAMILIES.flatMap(({ family, table: kind, type }) => {
    const elements = markings.flatMap(({ mark, protocol, destinations }) =>
      destinations
        .filter(({ first }) => addressFamily(first) === family)
        .map((range) => ({ ...range, mark, protocol: protocol.toLowerCase() })),
    );
    if (elements.length === 0) return [];
    const everyPort = elements.filter(({ port }) => port === null);
    const onePort = elements.filter(({ port }) => port !== null);
    const rules: string[] = [];
    const maps: string[] = [];
    // The port decides last, so that it wins.
    if (everyPort.length > 0) {
      maps.push(
        mapText(
          "every_port",
          `${type} . inet_proto`,
          everyPort.map((each) => `${text(each)} . ${each.protocol} : ${each.mark}`),
        ),
      );
      rules.push(`meta mark set ${kind} daddr . meta l4proto map @every_port`);
    }
    if (onePort.length > 0) {
      const lines = onePort.map((each) => `${text(each)} . ${each.protocol} . ${each.port} : ${each.mark}`);
      maps.push(mapText("one_port", `${type} . inet_proto . inet_service`, lines));
      rules.push(`meta mark set ${kind} daddr . meta l4proto . th dport map @one_port`);
    }
    const chain = (hook: string, at: number) =>
      `  chain ${hook} {\n    type filter hook ${hook} priority ${at}; policy accept;\n${rules.map((rule) => `    ${rule}\n`).join("")}  }\n`;
    const output = Math.min(priority, LATEST_OUTPUT_PRIORITY);
    return [`table ${kind} ${table} {\n${maps.join("")}${chain("prerouting", priority)}${chain("output", output)}}\n`];
  });
  return `${removalOfTables(table)}${tables.join("")}`;
}

function text({ first, last }: MarkedRange): string {
  return first === last ? first : `${first}-${last}`;
}

function mapText(name: string, type: string, elements: readonly string[]): string {
  return `  map ${name} {\n    type ${type} : mark; flags interval;\n    elements = {\n      ${elements.join(",\n      ")}\n    }\n  }\n`;
}
