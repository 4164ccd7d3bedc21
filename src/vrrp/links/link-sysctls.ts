import type { PlannedLink } from "./planned-link.ts";

/** A value below /proc/sys/net: "ipv4/conf/eth0/arp_ignore" (which stands for dots in names of interfaces as they are). */
export interface SysctlWrite {
  readonly path: string;
  readonly value: string;
  /** Whether the old value is to come back: not for interfaces that are ours and go away. */
  readonly restore: boolean;
}

const DEFAULT_FILTER = "ipv4/conf/default/rp_filter";

/** The values of now; null where there is no such file. */
export type ReadSysctl = (path: string) => string | null;

/**
 * What planned links need, as keepalived sets it (seen on 2.2.7). Without it the interface below answers ARP for the
 * addresses too, with its own MAC; adverts of the other nodes that come with the own virtual MAC, or from the own address on
 * another interface, are dropped as martian; and both nodes become master. Pure, minimal: what is so already is left out.
 */
export function sysctlsFor(
  links: readonly PlannedLink[],
  interfaces: readonly string[],
  read: ReadSysctl,
): SysctlWrite[] {
  const writes = new Map<string, SysctlWrite>();
  const set = (path: string, value: string, restore: boolean) => {
    const now = read(path);
    if (now !== null && now !== value) writes.set(path, { path, value, restore });
  };
  const inet = links.filter(({ family }) => family === "inet");
  if (inet.length > 0) spreadReversePathFilter(new Set(links.map(({ name }) => name)), interfaces, read, set);
  const defaultChanges = writes.has(DEFAULT_FILTER);
  for (const { name, base } of inet) {
    set(`ipv4/conf/${name}/accept_local`, "1", false);
    set(`ipv4/conf/${name}/arp_ignore`, "1", false);
    const filter = `ipv4/conf/${name}/rp_filter`;
    set(filter, "0", false);
    // A new default goes to every interface that nobody has given a value of its own.
    if (defaultChanges) writes.set(filter, { path: filter, value: "0", restore: false });
    set(`ipv4/conf/${base}/arp_ignore`, "1", true);
    set(`ipv4/conf/${base}/arp_filter`, "1", true);
    // Answers leave through the interface below. If it has to ask for its neighbour's MAC first, it would do so in the name of
    // the virtual address, and the neighbour would learn the wrong MAC for that. keepalived does not set this.
    set(`ipv4/conf/${base}/arp_announce`, "2", true);
  }
  for (const { name, base, inet6 } of links) {
    set(`ipv6/conf/${name}/disable_ipv6`, inet6 ? "0" : "1", false);
    // Router advertisements heard through a second interface would make addresses and routes a second time.
    set(`ipv6/conf/${name}/accept_ra`, "0", false);
    set(`ipv6/conf/${name}/autoconf`, "0", false);
    // The Router flag of the kernel's own answers is then that of our announcements; one without it, and neighbours drop the
    // address as default router (RFC 4861 section 7.2.5). keepalived does not set this.
    // Never 1: writing that takes default routes learned from routers away from every interface. Where IPv6 is forwarded at all, new
    // interfaces forward.
    if (inet6 && read(`ipv6/conf/${base}/forwarding`) === "0") set(`ipv6/conf/${name}/forwarding`, "0", false);
  }
  return [...writes.values()];
}

/**
 * The greater of all.rp_filter and an interface's own counts. To have none on the VMACs and no less than before on the
 * others, all's moves into each of them.
 */
function spreadReversePathFilter(
  own: ReadonlySet<string>,
  interfaces: readonly string[],
  read: ReadSysctl,
  set: (path: string, value: string, restore: boolean) => void,
): void {
  const all = Number(read("ipv4/conf/all/rp_filter") ?? 0);
  if (all === 0) return;
  for (const name of ["default", ...interfaces]) {
    if (own.has(name)) continue;
    const path = `ipv4/conf/${name}/rp_filter`;
    const now = Number(read(path) ?? 0);
    // 1 is strict, 2 loose: the kernel takes the greater number.
    set(path, String(Math.max(all, now)), true);
  }
  set("ipv4/conf/all/rp_filter", "0", true);
}

/** What brings the old values back: where somebody else has changed ours meanwhile, theirs stays. Pure. */
export function restorations(
  saved: Readonly<Record<string, { readonly before: string; readonly ours: string }>>,
  read: ReadSysctl,
): { readonly path: string; readonly value: string }[] {
  const paths = Object.entries(saved).filter(([path, { ours }]) => read(path) === ours);
  // The filter for all is back before those of single interfaces are lowered: there is no moment without one.
  const all = paths.filter(([path]) => path.includes("/conf/all/"));
  return [...all, ...paths.filter(([path]) => !path.includes("/conf/all/"))].map(([path, { before }]) => ({
    path,
    value: before,
  }));
}
