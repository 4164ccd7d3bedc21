import { concurrencyWith, descriptorsFor, isProbed } from "@lbctl/checkers";
import type { Facts } from "../facts.ts";
import { type Finding, findingsOf } from "../finding.ts";
import type { Needs, ValidConfig } from "../needs.ts";

interface WantedCapability {
  readonly name: string;
  readonly why: string | null;
}

/** Of the daemon that runs, or of whoever calls the doctor: as lbctl run would have. */
export function capabilities(needs: Needs, { process }: Facts, config: ValidConfig): Finding[] {
  const say = findingsOf("capabilities");
  const held = process.capabilities;
  if (!held.known) return [say.unknown(held.why)];
  const who = process.of === "daemon" ? `lbctl, process ${process.pid},` : "who runs this";
  const missing = wantedCapabilities(needs, config).filter(
    ({ name, why }) => why !== null && !held.value.includes(name),
  );
  if (missing.length === 0) return [say.ok(`${who} has the capabilities that the configuration needs`)];
  return missing.map(({ name, why }) =>
    say.failure(
      `${who} has no ${name}`,
      why ?? "",
      process.of === "doctor"
        ? `sudo ${process.doctorCommand}`
        : "systemctl show -p CapabilityBoundingSet,AmbientCapabilities lbctl",
    ),
  );
}

function wantedCapabilities(needs: Needs, { model, vrrp, program, bfd }: ValidConfig): WantedCapability[] {
  const checks = model.virtualServers.flatMap(({ realServers }) => realServers.flatMap((each) => each.checks));
  const hasVrrp = vrrp.instances.length > 0;
  const pings = checks.some(({ spec }) => spec.type === "PING_CHECK");
  const lowPort = checks.find(({ spec }) => (spec.connect.bindPort ?? 1024) < 1024);
  const processes = [vrrp.globals.process, model.globalDefs.process, bfd.process];
  const realTime = processes.some(({ realTimePriority, nice }) => realTimePriority !== null || (nice ?? 0) < 0);
  const namespace = program.netNamespace ?? program.ipvsNamespace?.name ?? null;
  const raw = hasVrrp ? "adverts, gratuitous ARP" : pings ? "PING_CHECK" : null;
  const admin = [needs.ipvs ? "the IPVS table" : null, hasVrrp ? "virtual addresses" : null].filter(
    (each) => each !== null,
  );
  return [
    { name: "CAP_NET_ADMIN", why: admin.length === 0 ? null : `Needed for ${admin.join(" and ")}` },
    { name: "CAP_NET_RAW", why: raw === null ? null : `Needed for ${raw}` },
    {
      name: "CAP_NET_BIND_SERVICE",
      why: lowPort === undefined ? null : `Needed for bind_port ${lowPort.spec.connect.bindPort}`,
    },
    { name: "CAP_SYS_NICE", why: realTime ? "Needed for the priorities of processes" : null },
    { name: "CAP_IPC_LOCK", why: processes.some(({ noSwap }) => noSwap) ? "Needed for no_swap" : null },
    { name: "CAP_SYS_ADMIN", why: namespace === null ? null : `Needed for the network namespace ${namespace}` },
  ];
}

/** Each probe under way takes a descriptor; beyond the limit probes wait for each other. */
export function descriptors(_needs: Needs, { process }: Facts, { model }: ValidConfig): Finding[] {
  const say = findingsOf("descriptors");
  const limit = process.descriptors;
  if (!limit.known) return [say.unknown(limit.why)];
  const probes = model.virtualServers
    .flatMap(({ realServers }) => realServers.flatMap(({ checks }) => checks))
    .filter(isProbed).length;
  const wanted = descriptorsFor(probes);
  const what = `${limit.value} descriptors for ${probes} checkers`;
  if (limit.value >= wanted || probes <= concurrencyWith(limit.value)) return [say.ok(what)];
  const number = 2 ** Math.ceil(Math.log2(wanted));
  const late =
    "When all of them are due at once (a network that is away), probes wait for each other and verdicts come late";
  const inUnit = `in the unit: LimitNOFILE=${number}`;
  if (process.of === "doctor") return [say.warning(what, `${late}; ${inUnit}`, `ulimit -n ${number}`)];
  // A process inherits its limit when it is started.
  const raise = `prlimit --pid ${process.pid} --nofile=${number}`;
  if (process.prober === null) return [say.warning(what, `${late}; ${inUnit}`, raise)];
  const restart = "The checker process is started again for that and adopts the table; with -R restart lbctl instead";
  return [say.warning(what, `${late}. ${restart}; ${inUnit}`, `${raise} && kill -KILL ${process.prober}`)];
}

/** Signed adverts carry the time. */
export function clock(_needs: Needs, { clock }: Facts, { vrrp }: ValidConfig): Finding[] {
  const say = findingsOf("clock");
  const signed = vrrp.instances.find(({ hmac }) => hmac !== null && hmac.antiReplay === "time");
  if (signed === undefined) return [say.ok("not needed: no instance signs adverts with the time")];
  if (!clock.known) return [say.unknown(clock.why)];
  if (clock.value.synchronised) return [say.ok("the clock is synchronised")];
  const windowS = (signed.hmac?.timeWindowMs ?? 0) / 1000;
  const why = `Adverts of ${signed.name} whose time is off by more than ${windowS} s do not count: both routers become master`;
  if (clock.value.observer) {
    const what = "the clock is not synchronised: chronyd runs with -x, and only compares it";
    return [say.warning(what, `${why}. Who owns the clock of this machine (a container's host) has to set it`, null)];
  }
  const absent = 'Where that says "NTP not supported", install chrony first';
  return [say.warning("the clock is not synchronised", `${why}. ${absent}`, "timedatectl set-ntp true")];
}

/** A profile of AppArmor, or a context of SELinux. */
export function confinement(_needs: Needs, { process }: Facts): Finding[] {
  const say = findingsOf("confinement");
  const confined = process.confinement;
  if (!confined.known) return [say.unknown(confined.why)];
  if (confined.value === null) return [say.ok("no AppArmor profile or SELinux domain confines it")];
  const { context, enforced } = confined.value;
  if (!enforced)
    return [say.ok(`${context} confines it and is not enforced: what it does not allow is logged, and done`)];
  const why =
    "What it does not allow (sockets, scripts, files in /proc/sys) fails with EACCES or EPERM whatever the capabilities are";
  return [say.warning(`confined by ${context}`, why, "journalctl -k --grep 'apparmor=\"DENIED\"|avc:  denied'")];
}
