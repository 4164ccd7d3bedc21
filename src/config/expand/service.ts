import {
  type AddressFamily,
  addressFamily,
  type Persistence,
  type SchedulerFlag,
  type Service,
  type ServiceKey,
  serviceFamily,
  serviceKeyText,
} from "ipvs-netlink";
import { virtualServer } from "../keywords/lvs.ts";
import type { WrittenVirtualServer } from "../keywords/table.ts";
import type { Forwarding } from "../keywords/values/forwarding.ts";
import type { Path } from "../locate.ts";
import type { Problem } from "./problem.ts";
import { familyName } from "./real-server.ts";
import { type GroupNames, groupNamed } from "./virtual-server-group.ts";

const rows = virtualServer.entries;

/** Default of ipvsadm and of keepalived. */
const defaultTimeoutS = 360;

/** What the kernel calls the flags of the hashing schedulers (linux/ip_vs.h: IP_VS_SVC_F_SCHED_SH_*, _MH_*). */
const flags = [
  { keyword: "flag-1", flag: "flag-1", scheduler: null },
  { keyword: "flag-2", flag: "flag-2", scheduler: null },
  { keyword: "flag-3", flag: "flag-3", scheduler: null },
  { keyword: "sh-fallback", flag: "flag-1", scheduler: "sh" },
  { keyword: "sh-port", flag: "flag-2", scheduler: "sh" },
  { keyword: "mh-fallback", flag: "flag-1", scheduler: "mh" },
  { keyword: "mh-port", flag: "flag-2", scheduler: "mh" },
] as const satisfies readonly { keyword: keyof typeof rows; flag: SchedulerFlag; scheduler: string | null }[];

/** The kernel services of a virtual server; none when there cannot be any, which is then a problem. */
export function expandServices(
  written: WrittenVirtualServer,
  groups: GroupNames,
  path: Path,
  problems: Problem[],
): readonly Service[] {
  const keys = serviceKeys(written, groups, path, problems);
  if (keys.length === 0) return [];
  const families = [...new Set(keys.map(serviceFamily))];
  const persistent = madePersistent(written, keys, path, problems);
  const persistences = new Map(
    families.map((family) => [family, expandPersistence(persistent, family, path, problems)] as const),
  );
  const onePacket = written.ops ?? rows.ops.row.default;
  const other = keys.find((key) => key.kind === "address" && key.protocol !== "UDP");
  if (onePacket && other?.kind === "address") {
    const message = `ops schedules packets of UDP, and the protocol is ${other.protocol}`;
    problems.push({ path: [...path, "ops"], code: "needs-udp", message });
  }
  const scheduler = written.lvs_sched ?? rows.lvs_sched.row.default;
  const flags = schedulerFlags(written, scheduler, path, problems);
  return keys.map((key) => {
    const persistence = persistences.get(serviceFamily(key)) ?? null;
    return { key, scheduler, schedulerFlags: flags, persistence, onePacket };
  });
}

/** The kernel takes a service of every port only when it is persistent; as keepalived, it is made so. */
function madePersistent(
  written: WrittenVirtualServer,
  keys: readonly ServiceKey[],
  path: Path,
  problems: Problem[],
): WrittenVirtualServer {
  const everyPort = keys.find((key) => key.kind === "address" && key.port === 0);
  if (everyPort === undefined || isPersistent(written)) return written;
  const subject = written.group === undefined ? "the service" : serviceAddress(everyPort);
  const message = `without a port ${subject} takes every port, and that is persistent always: with a timeout of ${defaultTimeoutS} s`;
  problems.push({ path, code: "made-persistent", message, hint: "add port, or persistence_timeout" });
  return { ...written, persistence_timeout: defaultTimeoutS };
}

function isPersistent({ persistence_timeout, persistence_granularity }: WrittenVirtualServer): boolean {
  return persistence_timeout !== undefined || persistence_granularity !== undefined;
}

function serviceAddress(key: ServiceKey): string {
  return key.kind === "address" ? key.address : `fwmark ${key.fwmark}`;
}

function serviceKeys(
  written: WrittenVirtualServer,
  groups: GroupNames,
  path: Path,
  problems: Problem[],
): readonly ServiceKey[] {
  const { address, port, fwmark, group } = written;
  if (address === undefined && fwmark === undefined && group === undefined) {
    const message = "virtual_server needs address and port, or fwmark, or group";
    const hint = "what clients connect to, or the mark of their packets";
    problems.push({ path, code: "missing-keyword", message, hint });
    return [];
  }
  if (group !== undefined) {
    const alone = standsAlone(written, "group", "the service takes what the group lists", path, problems);
    return alone ? groupKeys(group, written, groups, path, problems) : [];
  }
  if (fwmark === undefined) return addressKey(written, path, problems);
  const alone = standsAlone(written, "fwmark", "the service takes what is marked", path, problems);
  ignoresProtocol(written, "with fwmark", path, problems);
  if (!alone || address !== undefined || port !== undefined) return [];
  return [{ kind: "fwmark", family: fwmarkFamily(written), fwmark }];
}

function standsAlone(
  written: WrittenVirtualServer,
  keyword: "group" | "fwmark",
  why: string,
  path: Path,
  problems: Problem[],
): boolean {
  const others = (["address", "port", "fwmark"] as const).filter(
    (other) => other !== keyword && written[other] !== undefined,
  );
  for (const other of others) {
    const message = `${keyword} and ${other} exclude each other: ${why}, whatever its ${other}`;
    problems.push({ path: [...path, other], code: "conflicting-keywords", message, hint: "keep one of them" });
  }
  return others.length === 0;
}

function ignoresProtocol({ protocol }: WrittenVirtualServer, where: string, path: Path, problems: Problem[]): void {
  if (protocol === undefined) return;
  const message = `protocol changes nothing ${where}: the service takes what is marked, of every protocol`;
  problems.push({ path: [...path, "protocol"], code: "no-effect", message });
}

/** The services of a group. Marks that say no family have that of the servers, or of the addresses beside them. */
function groupKeys(
  name: string,
  written: WrittenVirtualServer,
  groups: GroupNames,
  path: Path,
  problems: Problem[],
): readonly ServiceKey[] {
  const group = groupNamed(name, groups, path, problems);
  if (group === null) return [];
  const { protocol } = written;
  if (groups.marks !== null && group.ranges.length > 0) {
    if (protocol === undefined) return needsProtocol(path, problems);
    const mark = groups.marks.take();
    const marked = [...new Set(group.ranges.map(({ range }) => range.family))];
    const own = group.entries.flatMap((entry) => (entry.kind === "fwmark" ? [entry] : []));
    return [
      ...marked.map((family): ServiceKey => ({ kind: "fwmark", family, fwmark: mark })),
      ...own.map(
        ({ family, fwmark }): ServiceKey => ({ kind: "fwmark", family: family ?? marked[0] ?? "inet", fwmark }),
      ),
    ];
  }
  const addressed = group.entries.filter((entry) => entry.kind === "address");
  if (addressed.length === 0) ignoresProtocol(written, "with a group of marks", path, problems);
  else if (protocol === undefined) return needsProtocol(path, problems);
  const families = new Set(addressed.map(({ family }) => family));
  const [family = "inet", another] = families;
  const keys = group.entries.map((entry): ServiceKey => {
    if (entry.kind === "fwmark") {
      const own = entry.family ?? (families.size === 0 ? fwmarkFamily(written) : family);
      return { kind: "fwmark", family: own, fwmark: entry.fwmark };
    }
    return { kind: "address", protocol: protocol ?? "TCP", address: entry.address, port: entry.port ?? 0 };
  });
  const vague = group.entries.find((entry) => entry.kind === "fwmark" && entry.family === null);
  if (another !== undefined && vague?.kind === "fwmark") {
    const message = `fwmark ${vague.fwmark} of group ${name} needs its family: the addresses of the group are of both`;
    const hint = `fwmark ${vague.fwmark} inet, or fwmark ${vague.fwmark} inet6`;
    problems.push({ path: [...path, "group"], code: "family-mismatch", message, hint });
  }
  // A mark that stands with and without its family may be one service after all.
  return [...new Map(keys.map((key) => [serviceKeyText(key), key])).values()];
}

function addressKey(written: WrittenVirtualServer, path: Path, problems: Problem[]): readonly ServiceKey[] {
  const { address = "", port = 0, protocol, ip_family: family } = written;
  if (family !== undefined && family !== addressFamily(address)) {
    const message = `ip_family is ${family} and the address is ${familyName(addressFamily(address))}`;
    problems.push({
      path: [...path, "ip_family"],
      code: "family-mismatch",
      message,
      hint: "leave out ip_family: it is for fwmark",
    });
  }
  if (protocol === undefined) return needsProtocol(path, problems);
  return [{ kind: "address", protocol, address, port }];
}

function needsProtocol(path: Path, problems: Problem[]): readonly ServiceKey[] {
  const message = "virtual_server needs protocol";
  const hint = "TCP, UDP or SCTP; keepalived takes UDP when it is left out, which is rarely meant";
  problems.push({ path, code: "missing-keyword", message, hint, expected: rows.protocol.type.expected });
  return [];
}

/** As keepalived.conf(5) says: ip_family, or that of the servers that are not tunnelled, or of all when they agree, or inet. */
function fwmarkFamily(written: WrittenVirtualServer): AddressFamily {
  const { ip_family: family, persistence_granularity: granularity, sorry_server: sorry } = written;
  if (family !== undefined) return family;
  if (granularity?.family != null) return granularity.family;
  const method = written.lvs_method ?? rows.lvs_method.row.default;
  const servers: { readonly address: string; readonly forwarding: Forwarding }[] = (written.real_server ?? []).map(
    ({ address, lvs_method: own }) => ({ address, forwarding: own ?? method }),
  );
  if (sorry !== undefined)
    servers.push({ address: sorry.address, forwarding: written.sorry_server_lvs_method ?? method });
  const direct = servers.find(({ forwarding }) => forwarding.method !== "TUN");
  if (direct !== undefined) return addressFamily(direct.address);
  return servers.length > 0 && servers.every(({ address }) => addressFamily(address) === "inet6") ? "inet6" : "inet";
}

function expandPersistence(
  written: WrittenVirtualServer,
  family: AddressFamily,
  path: Path,
  problems: Problem[],
): Persistence | null {
  const { persistence_timeout: timeoutS, persistence_granularity: granularity, persistence_engine: engine } = written;
  const widest = family === "inet" ? 32 : 128;
  if (!isPersistent(written)) {
    if (engine !== undefined) {
      const message = "persistence_engine changes nothing without persistence_timeout";
      problems.push({
        path: [...path, "persistence_engine"],
        code: "no-effect",
        message,
        hint: "add persistence_timeout",
      });
    }
    return null;
  }
  const fits =
    granularity === undefined || (granularity.prefixLength <= widest && (granularity.family ?? family) === family);
  if (!fits) {
    const message = `persistence_granularity does not fit a service of ${familyName(family)}`;
    const hint = family === "inet" ? "a netmask, or a prefix length up to 32" : "a prefix length from 1 to 128";
    problems.push({ path: [...path, "persistence_granularity"], code: "family-mismatch", message, hint });
  }
  return {
    timeoutS: timeoutS ?? defaultTimeoutS,
    prefixLength: granularity?.prefixLength ?? widest,
    engine: engine ?? null,
  };
}

function schedulerFlags(
  written: WrittenVirtualServer,
  scheduler: string,
  path: Path,
  problems: Problem[],
): SchedulerFlag[] {
  const set = flags.filter(({ keyword }) => written[keyword] === true);
  for (const { keyword, scheduler: owner } of set) {
    if (owner === null || owner === scheduler) continue;
    const message = `${keyword} is a flag of the scheduler ${owner}, and lvs_sched is ${scheduler}`;
    problems.push({ path: [...path, keyword], code: "needs-scheduler", message, hint: `lvs_sched: ${owner}` });
  }
  return [...new Set(set.map(({ flag }) => flag))].sort();
}
