/** Every check of the doctor, in the order of its report, by group. Closed: docs/doctor.md has a row for each. */
export const groups = {
  kernel: ["modules", "forwarding", "rp-filter", "arp", "ipvs-settings", "conntrack"],
  process: ["capabilities", "descriptors", "clock", "confinement"],
  network: ["interfaces", "managers", "addresses", "multicast", "firewall"],
  wire: ["virtual-addresses", "virtual-routers"],
  reach: ["peers", "real-servers"],
  configuration: ["scripts", "strict-mode"],
  others: ["controllers"],
} as const;

export type Group = keyof typeof groups;
export type CheckId = (typeof groups)[Group][number];

export const groupNames = Object.keys(groups) as readonly Group[];
export const checkIds: readonly CheckId[] = groupNames.flatMap((group) => groups[group] as readonly CheckId[]);

export function groupOf(check: CheckId): Group {
  return groupNames.find((group) => (groups[group] as readonly CheckId[]).includes(check)) as Group;
}

/** The checks that words of --only name, groups included; null: a word that is neither. */
export function checksNamed(words: readonly string[]): ReadonlySet<CheckId> | null {
  const found = new Set<CheckId>();
  for (const word of words) {
    const inGroup = Object.hasOwn(groups, word) ? groups[word as Group] : null;
    const named = inGroup ?? checkIds.filter((id) => id === word);
    if (named.length === 0) return null;
    for (const id of named) found.add(id);
  }
  return found;
}
