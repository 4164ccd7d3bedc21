import {
  type AddressFamily,
  addressFamily,
  type Persistence,
  type SchedulerFlag,
  type Service,
  type ServiceKey,
} from "ipvs-netlink";
import { virtualServer } from "../keywords/lvs.ts";
import type { WrittenVirtualServer } from "../keywords/table.ts";
import type { Forwarding } from "../keywords/values/forwarding.ts";
import type { Path } from "../locate.ts";
import type { Problem } from "./problem.ts";
import { familyName } from "./real-server.ts";

const rows = virtualServer.entries;

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

/** The kernel service of a virtual server; null when it has none of its own, which is then a problem. */
export function expandService(written: WrittenVirtualServer, path: Path, problems: Problem[]): Service | null {
  const key = serviceKey(written, path, problems);
  if (key === null) return null;
  const family = key.kind === "fwmark" ? key.family : addressFamily(key.address);
  const persistence = expandPersistence(written, family, path, problems);
  if (key.kind === "address" && key.port === 0 && persistence === null) {
    const message = "without a port the service takes every port, and that must be persistent";
    problems.push({ path, code: "needs-persistence", message, hint: "add port, or persistence_timeout" });
  }
  const onePacket = written.ops ?? rows.ops.row.default;
  if (onePacket && key.kind === "address" && key.protocol !== "UDP") {
    const message = `ops schedules packets of UDP, and the protocol is ${key.protocol}`;
    problems.push({ path: [...path, "ops"], code: "needs-udp", message });
  }
  const scheduler = written.lvs_sched ?? rows.lvs_sched.row.default;
  return { key, scheduler, schedulerFlags: schedulerFlags(written, scheduler, path, problems), persistence, onePacket };
}

function serviceKey(written: WrittenVirtualServer, path: Path, problems: Problem[]): ServiceKey | null {
  const { address, port, fwmark, protocol, group } = written;
  // That groups are not supported yet has been said.
  if (group !== undefined) return null;
  if (address === undefined && fwmark === undefined) {
    const message = "virtual_server needs address and port, or fwmark";
    problems.push({
      path,
      code: "missing-keyword",
      message,
      hint: "what clients connect to, or the mark of their packets",
    });
    return null;
  }
  if (fwmark === undefined) return addressKey(written, path, problems);
  for (const other of ["address", "port"] as const) {
    if (written[other] === undefined) continue;
    const message = `fwmark and ${other} exclude each other: the service takes what is marked, whatever its ${other}`;
    problems.push({ path: [...path, other], code: "conflicting-keywords", message, hint: "keep one of them" });
  }
  if (protocol !== undefined) {
    const message = "protocol changes nothing with fwmark: the service takes what is marked, of every protocol";
    problems.push({ path: [...path, "protocol"], code: "no-effect", message });
  }
  if (address !== undefined || port !== undefined) return null;
  return { kind: "fwmark", family: fwmarkFamily(written), fwmark };
}

function addressKey(written: WrittenVirtualServer, path: Path, problems: Problem[]): ServiceKey | null {
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
  if (protocol === undefined) {
    const message = "virtual_server needs protocol";
    const hint = "TCP, UDP or SCTP; keepalived takes UDP when it is left out, which is rarely meant";
    problems.push({ path, code: "missing-keyword", message, hint, expected: rows.protocol.type.expected });
    return null;
  }
  return { kind: "address", protocol, address, port };
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
  if (timeoutS === undefined && granularity === undefined) {
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
  return { timeoutS: timeoutS ?? 360, prefixLength: granularity?.prefixLength ?? widest, engine: engine ?? null };
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
