import type { AddressFamily } from "ipvs-netlink";
import { type AddressRange, addressesOf, parseAddressRange } from "../../net/address-range.ts";
import type { Config } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import { nearest } from "../suggest.ts";
import type { GroupRanges } from "./group-ranges.ts";
import type { MarkGiver } from "./marks.ts";
import type { Problem } from "./problem.ts";

/** Each address is a service of the kernel: as many as a /16 has. */
const MOST_ADDRESSES = 65_536;

export type GroupEntry =
  | { readonly kind: "address"; readonly address: string; readonly family: AddressFamily; readonly port: number | null }
  | { readonly kind: "fwmark"; readonly fwmark: number; readonly family: AddressFamily | null };

/** A virtual_server_group, written out. */
export interface VirtualServerGroup {
  readonly path: Path;
  readonly entries: readonly GroupEntry[];
  /** The addresses as ranges: with nftables_ipvs they are these, and of `entries` there are marks only. */
  readonly ranges: readonly GroupRanges[];
}

/** Groups by name; null where a group has errors, which have been said. */
export type VirtualServerGroups = ReadonlyMap<string, VirtualServerGroup | null>;

export interface GroupNames {
  readonly groups: VirtualServerGroups;
  /** Some groups have errors, so that not all names are known. */
  readonly incomplete: boolean;
  /** With nftables_ipvs. */
  readonly marks: MarkGiver | null;
}

/** Every group with its ranges written out. Pure. */
export function expandGroups(
  written: Config["virtual_server_group"],
  marks: MarkGiver | null,
  problems: Problem[],
): GroupNames {
  const groups = new Map<string, VirtualServerGroup | null>();
  written.forEach((group, index) => {
    if (group === null) return;
    const path = ["virtual_server_group", index];
    if (groups.has(group.name)) {
      const message = `another virtual_server_group is called ${group.name}`;
      const hint = "put the members into one group, or give this one another name";
      problems.push({ path: [...path, "name"], code: "duplicate-name", message, hint });
      return;
    }
    const ranges = marks === null ? [] : rangesOf(group.members);
    const spelled = marks === null ? group.members : group.members.filter(({ kind }) => kind === "fwmark");
    const entries = expandMembers(spelled, [...path, "members"], problems);
    groups.set(group.name, entries && { path, entries, ranges });
  });
  return { groups, incomplete: written.includes(null), marks };
}

function rangesOf(members: Members): GroupRanges[] {
  return members.flatMap((member) =>
    member.kind === "fwmark" ? [] : [{ range: rangeOf(member.range), port: member.port }],
  );
}

type Members = NonNullable<Config["virtual_server_group"][number]>["members"];

function expandMembers(members: Members, path: Path, problems: Problem[]): GroupEntry[] | null {
  const total = members.reduce((sum, each) => sum + (each.kind === "fwmark" ? 1n : rangeOf(each.range).count), 0n);
  if (total > MOST_ADDRESSES) {
    const message = `the group has ${total} addresses, and each is a service of the kernel: at most ${MOST_ADDRESSES}`;
    const hint = "nftables_ipvs in global_defs makes one service of all of them";
    problems.push({ path, code: "group-too-large", message, hint });
    return null;
  }
  const seen = new Set<string>();
  return members.flatMap((member, line): GroupEntry[] => {
    const entries = entriesOf(member);
    const fresh = entries.filter((entry) => seen.size !== seen.add(textOf(entry)).size);
    const twice = entries.find((entry) => !fresh.includes(entry));
    if (twice !== undefined) {
      const message = `${textOf(twice)} is in the group already`;
      problems.push({ path, word: line, code: "duplicate-reference", message, hint: "keep one of them" });
    }
    return fresh;
  });
}

function entriesOf(member: Members[number]): GroupEntry[] {
  if (member.kind === "fwmark") return [member];
  const range = rangeOf(member.range);
  return [...addressesOf(range)].map((address) => ({
    kind: "address",
    address,
    family: range.family,
    port: member.port,
  }));
}

function rangeOf(text: string): AddressRange {
  const range = parseAddressRange(text);
  if (range === null) throw new Error(`${text} passed as a range of addresses and is none`);
  return range;
}

function textOf(entry: GroupEntry): string {
  if (entry.kind === "fwmark") return `fwmark ${entry.fwmark}${entry.family === null ? "" : ` ${entry.family}`}`;
  return entry.port === null ? entry.address : `${entry.address} ${entry.port}`;
}

/** The group of that name; null, and said, when there is none. */
export function groupNamed(
  name: string,
  { groups, incomplete }: GroupNames,
  path: Path,
  problems: Problem[],
): VirtualServerGroup | null {
  const group = groups.get(name);
  if (group !== undefined || incomplete) return group ?? null;
  const near = nearest(name, [...groups.keys()]);
  const known =
    groups.size === 0 ? "there is no virtual_server_group at all" : `there are ${[...groups.keys()].join(", ")}`;
  const hint = near === null ? known : `did you mean "${near}"?`;
  const message = `there is no virtual_server_group ${name}`;
  problems.push({ path: [...path, "group"], code: "unknown-reference", message, hint });
  return null;
}
