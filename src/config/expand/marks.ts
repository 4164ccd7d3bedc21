import type { Protocol } from "ipvs-netlink";
import { type AddressRange, addressesOf } from "../../net/address-range.ts";
import type { MarkedRange, Marking } from "../ipvs-model.ts";
import type { Config } from "../keywords/table.ts";
import { globalDefs } from "../keywords/table.ts";
import type { VirtualServer } from "../model.ts";
import type { GroupRanges } from "./group-ranges.ts";
import type { Problem } from "./problem.ts";

/** Gives every virtual server with a group a mark of its own: counts up, past the marks that the file uses itself. */
export class MarkGiver {
  readonly #taken: ReadonlySet<number>;
  #next: number;

  constructor(first: number, taken: ReadonlySet<number>) {
    this.#next = first;
    this.#taken = taken;
  }

  take(): number {
    while (this.#taken.has(this.#next)) this.#next += 1;
    return this.#next++;
  }
}

/** Null without nftables_ipvs. */
export function markGiver({ global_defs: globals, virtual_server, virtual_server_group }: Config): MarkGiver | null {
  if (globals.nftables_ipvs === undefined) return null;
  const first = globals.nftables_ipvs_start_fwmark ?? globalDefs.entries.nftables_ipvs_start_fwmark.row.default;
  const ofServers = virtual_server.flatMap((written) => written?.fwmark ?? []);
  const ofGroups = virtual_server_group.flatMap((group) =>
    (group?.members ?? []).flatMap((member) => (member.kind === "fwmark" ? [member.fwmark] : [])),
  );
  return new MarkGiver(first, new Set([...ofServers, ...ofGroups]));
}

/** The ranges of a group as they are marked: sorted, and those that touch or overlap are one. */
export function markingOf(mark: number, protocol: Protocol, ranges: readonly GroupRanges[]): Marking {
  const sorted = [...ranges].sort((one, other) => compare(one, other));
  const joined: GroupRanges[] = [];
  for (const { range, port } of sorted) {
    const last = joined.at(-1);
    if (last === undefined || last.port !== port || !reaches(last.range, range)) {
      joined.push({ range, port });
      continue;
    }
    const end = endOf(range) > endOf(last.range) ? endOf(range) : endOf(last.range);
    joined[joined.length - 1] = { port, range: { ...last.range, count: end - last.range.first } };
  }
  return { mark, protocol, destinations: joined.map(({ range, port }) => ({ ...endsOf(range), port })) };
}

/** A packet can have one mark: virtual servers whose groups have an address, a port and a protocol in common. */
export function reportOverlaps(
  virtualServers: readonly (readonly [VirtualServer, index: number])[],
  rangesOf: (group: string) => readonly GroupRanges[],
  problems: Problem[],
): void {
  const all = virtualServers.flatMap(([{ name, group, marking }, index]) =>
    marking === undefined || group === null
      ? []
      : rangesOf(group).map((each) => ({ ...each, name, index, protocol: marking.protocol })),
  );
  // In the order of the file where they are alike, so that the later one is told.
  all.sort((one, other) =>
    one.protocol < other.protocol ? -1 : one.protocol > other.protocol ? 1 : compare(one, other),
  );
  const told = new Set<number>();
  let widest = all[0];
  for (const each of all.slice(1)) {
    if (widest === undefined) break;
    const together = each.protocol === widest.protocol && each.port === widest.port;
    if (together && each.index !== widest.index && overlaps(widest.range, each.range) && !told.has(each.index)) {
      told.add(each.index);
      const { first, last } = endsOf(each.range);
      const message = `${first === last ? first : `${first}-${last}`} is in the group of virtual server ${widest.name} already`;
      const hint = "put the real servers into one virtual server";
      problems.push({ path: ["virtual_server", each.index, "group"], code: "duplicate-service", message, hint });
    }
    if (!together || endOf(each.range) > endOf(widest.range) || each.range.family !== widest.range.family)
      widest = each;
  }
}

/** By family, port and first address. */
function compare(one: GroupRanges, other: GroupRanges): number {
  if (one.range.family !== other.range.family) return one.range.family < other.range.family ? -1 : 1;
  if (one.port !== other.port) return (one.port ?? 0) - (other.port ?? 0);
  return one.range.first < other.range.first ? -1 : one.range.first > other.range.first ? 1 : 0;
}

function endOf({ first, count }: AddressRange): bigint {
  return first + count;
}

function reaches(one: AddressRange, next: AddressRange): boolean {
  return one.family === next.family && endOf(one) >= next.first;
}

function overlaps(one: AddressRange, next: AddressRange): boolean {
  return one.family === next.family && endOf(one) > next.first;
}

function endsOf(range: AddressRange): Omit<MarkedRange, "port"> {
  const only = (first: bigint) => addressesOf({ ...range, first, count: 1n }).next().value as string;
  return { first: only(range.first), last: only(endOf(range) - 1n) };
}
