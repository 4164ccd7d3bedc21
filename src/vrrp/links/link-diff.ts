import type { Link, LinkChange, NewLink, RtnetlinkOperation } from "ipvs-netlink";
import type { PlannedLink } from "./planned-link.ts";

/** Begins the alias of every link of ours: who looks at `ip link` sees whose it is, and a successor knows its own. */
export const ALIAS_PREFIX = "lbctl vrrp ";

export type LinkTrouble =
  | { readonly kind: "base-missing"; readonly link: PlannedLink }
  /** Somebody else has an interface of that name. */
  | { readonly kind: "name-taken"; readonly link: PlannedLink; readonly by: Link };

export interface LinkStep {
  readonly link: PlannedLink;
  /** Null: it is there already. */
  readonly create: NewLink | null;
  /** For when it is there; without `create` for the index of what was found. */
  readonly change: LinkChange;
  readonly found: Link | null;
}

export interface LinkDifference {
  /** First: links of ours that nobody wants, or that are not as they should be. */
  readonly removals: readonly RtnetlinkOperation[];
  readonly steps: readonly LinkStep[];
  readonly troubles: readonly LinkTrouble[];
}

/** What makes the planned links be there, as they should be, and no others of ours. Pure. */
export function linkDifference(planned: readonly PlannedLink[], links: readonly Link[]): LinkDifference {
  const removals: RtnetlinkOperation[] = [];
  const steps: LinkStep[] = [];
  const troubles: LinkTrouble[] = [];
  const byName = new Map(links.map((link) => [link.name, link]));
  const wanted = new Set(planned.map(({ name }) => name));
  const remove = ({ index }: Link) => removals.push({ kind: "del-link", index });

  for (const link of links) if (isOurs(link) && !wanted.has(link.name)) remove(link);
  for (const link of planned) {
    const base = byName.get(link.base);
    const found = byName.get(link.name);
    if (base === undefined) {
      troubles.push({ kind: "base-missing", link });
      continue;
    }
    const asPlanned = found !== undefined && isAsPlanned(found, link, base);
    if (found !== undefined && !asPlanned) {
      if (!isOurs(found)) {
        troubles.push({ kind: "name-taken", link, by: found });
        continue;
      }
      remove(found);
    }
    const alias = ALIAS_PREFIX + link.holder;
    if (asPlanned && found.up && found.alias === alias) continue;
    const change: LinkChange = { alias, addressGeneration: "none" };
    steps.push({ link, create: asPlanned ? null : newLink(link, base), change, found: asPlanned ? found : null });
  }
  return { removals, steps, troubles };
}

/** Links of ours, for the end. */
export function removalsOfOurs(links: readonly Link[]): RtnetlinkOperation[] {
  return links.filter(isOurs).map(({ index }) => ({ kind: "del-link", index }));
}

function isOurs({ alias, details }: Link): boolean {
  return alias?.startsWith(ALIAS_PREFIX) === true && (details?.kind === "macvlan" || details?.kind === "ipvlan");
}

/** Also one that keepalived left behind when it crashed: same kind, base and MAC address. */
function isAsPlanned({ details, parent, mac }: Link, { kind }: PlannedLink, base: Link): boolean {
  if (parent !== base.index) return false;
  if (kind.kind === "macvlan") return details?.kind === "macvlan" && details.mode === "private" && mac === kind.mac;
  return details?.kind === "ipvlan" && details.mode === "l2" && details.isolation === kind.isolation;
}

function newLink({ name, kind }: PlannedLink, base: Link): NewLink {
  if (kind.kind === "macvlan") {
    return { name, parent: base.index, mac: kind.mac, details: { kind: "macvlan", mode: "private" } };
  }
  return { name, parent: base.index, details: { kind: "ipvlan", mode: "l2", isolation: kind.isolation } };
}
