import type { Daemon, DaemonRole, DaemonSettings, Timeouts } from "ipvs-netlink";
import type { IpvsTimeouts, SyncDaemon } from "../config/ipvs-model.ts";

/**
 * What a sync daemon is started with on this host now. `masters`: names of the VRRP instances that are master; null: VRRP does not
 * run here, so that nobody can tell, and the host both sends and receives.
 */
export function desiredDaemons(settings: SyncDaemon | null, masters: ReadonlySet<string> | null): DaemonSettings[] {
  if (settings === null) return [];
  const { instance, ...options } = settings;
  const roles: readonly DaemonRole[] =
    instance === null || masters === null ? ["master", "backup"] : masters.has(instance) ? ["master"] : ["backup"];
  return roles.map((role) => ({ role, ...options }));
}

export interface DaemonChanges {
  readonly stop: readonly DaemonRole[];
  readonly start: readonly DaemonSettings[];
}

/**
 * What makes the wanted daemons of the running ones. All stops come first: the kernel takes one daemon of each role. Those of
 * a role that nobody wants belong to somebody else unless they are `ours`.
 */
export function daemonChanges(
  wanted: readonly DaemonSettings[],
  running: readonly Daemon[],
  ours: ReadonlySet<DaemonRole>,
): DaemonChanges {
  const stop: DaemonRole[] = [];
  const settled = new Set<DaemonRole>();
  for (const daemon of running) {
    const want = wanted.find(({ role }) => role === daemon.role);
    if (want === undefined ? ours.has(daemon.role) : !sameDaemon(want, daemon)) stop.push(daemon.role);
    else settled.add(daemon.role);
  }
  return { stop, start: wanted.filter(({ role }) => !settled.has(role)) };
}

/** What was left out is the kernel's choice, whatever it chose. */
function sameDaemon(wanted: DaemonSettings, running: Daemon): boolean {
  const settings = Object.entries(wanted) as [keyof DaemonSettings, unknown][];
  return settings.every(([name, value]) => value === undefined || running[name] === value);
}

/** The timeouts to set, null for none: those configured, and for others that a former configuration set those found at the start. */
export function timeoutChanges(
  wanted: IpvsTimeouts,
  current: Timeouts,
  atStart: Timeouts,
  changed: ReadonlySet<keyof Timeouts>,
): Partial<Timeouts> | null {
  const set: { -readonly [K in keyof Timeouts]?: number } = {};
  for (const name of ["tcpS", "tcpFinS", "udpS"] as const) {
    const value = wanted[name] ?? (changed.has(name) ? atStart[name] : current[name]);
    if (value !== current[name]) set[name] = value;
  }
  return Object.keys(set).length === 0 ? null : set;
}

/** "tcp 900 s, tcpfin 120 s, udp 300 s", those that are there. */
export function describeTimeouts({ tcpS, tcpFinS, udpS }: Partial<Timeouts>): string {
  const named = [["tcp", tcpS] as const, ["tcpfin", tcpFinS] as const, ["udp", udpS] as const];
  return named.flatMap(([name, seconds]) => (seconds === undefined ? [] : [`${name} ${seconds} s`])).join(", ");
}
