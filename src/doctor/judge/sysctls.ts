import type { ForwardingMethod } from "ipvs-netlink";
import type { Facts } from "../facts.ts";
import { type Finding, findingsOf } from "../finding.ts";
import type { Needs } from "../needs.ts";
import {
  CONNTRACK_COUNT,
  CONNTRACK_MAX,
  FORWARD_INET,
  FORWARD_INET6,
  inetInterfaces,
  inetPath,
  ipvsPath,
  TUNNEL_INTERFACE,
} from "../sysctl-paths.ts";
import { sysctlCommand, sysctlName } from "../sysctl-text.ts";

/** NAT: answers of real servers are forwarded. DR and TUN send them past this host. */
export function forwarding(needs: Needs, { sysctls }: Facts): Finding[] {
  const say = findingsOf("forwarding");
  const nat = needs.methods.filter(({ method }) => method === "NAT");
  if (nat.length === 0) return [say.ok("not needed: no virtual server is NAT")];
  return (["inet", "inet6"] as const).flatMap((family) => {
    const using = nat.filter((each) => each.family === family);
    const path = family === "inet" ? FORWARD_INET : FORWARD_INET6;
    if (using.length === 0) return [];
    const value = sysctls[path] ?? null;
    const name = sysctlName(path);
    if (value === null) return [say.unknown(`${name} cannot be read`)];
    if (value !== "0") return [say.ok(`${name} is ${value}`)];
    const why = `The answers of the real servers of ${using[0]?.virtualServer} come back through this host (NAT), and are dropped: clients wait in vain`;
    return [say.failure(`${name} is 0`, why, sysctlCommand({ [path]: "1" }))];
  });
}

/** What counts of a setting: the greater of all's and the interface's own. */
function effective(sysctls: Facts["sysctls"], name: string, setting: Parameters<typeof inetPath>[1]): number | null {
  const values = ["all", name].map((each) => sysctls[inetPath(each, setting)]);
  if (values.some((value) => value == null)) return null;
  return Math.max(...values.map(Number));
}

const STRICT = 1;

/** Strict reverse path filtering drops what comes in on another interface than answers would leave on (RFC 3704). */
export function reversePath(needs: Needs, facts: Facts): Finding[] {
  const say = findingsOf("rp-filter");
  const found: Finding[] = [];
  const { sysctls } = facts;
  if (localServers(needs, facts, "TUN").length > 0) {
    const value = effective(sysctls, TUNNEL_INTERFACE, "rp_filter");
    const why =
      "This host is a real server by TUN: what comes out of the tunnel is dropped, as answers leave elsewhere";
    const fix = sysctlCommand({ [inetPath("all", "rp_filter")]: "0", [inetPath(TUNNEL_INTERFACE, "rp_filter")]: "0" });
    if (value !== null && value !== 0)
      found.push(say.failure(`rp_filter of ${TUNNEL_INTERFACE} is ${value}`, why, fix));
  }
  const method = needs.methods.find((each) => each.family === "inet" && each.method !== "NAT")?.method ?? null;
  for (const name of inetInterfaces(needs)) {
    const value = effective(sysctls, name, "rp_filter");
    if (value === null) found.push(say.unknown(`rp_filter of ${name} cannot be read`));
    else if (value !== STRICT) found.push(say.ok(`rp_filter of ${name} is ${value}`));
    else if (method === null)
      found.push(say.ok(`rp_filter of ${name} is strict, which NAT and VRRP alone can live with`));
    else {
      const why = `With ${method} clients often come in on another interface than the way back to them: those are dropped without a word`;
      found.push(
        say.warning(`rp_filter of ${name} is strict`, why, sysctlCommand({ [inetPath(name, "rp_filter")]: "2" })),
      );
    }
  }
  return found.length > 0 ? found : [say.ok("no virtual IPv4 address")];
}

function localServers({ realServers }: Needs, { addresses }: Facts, method: ForwardingMethod): string[] {
  if (!addresses.known) return [];
  const local = new Set(addresses.value.map(({ address }) => address));
  return realServers.filter((each) => each.method === method && local.has(each.address)).map(({ address }) => address);
}

/** A director that is a real server by DR itself has the virtual address on lo, and must not answer ARP for it. */
export function arp(needs: Needs, facts: Facts): Finding[] {
  const say = findingsOf("arp");
  const [server] = localServers(needs, facts, "DR").filter((address) => !address.includes(":"));
  if (!facts.addresses.known) return [say.unknown(facts.addresses.why)];
  if (server === undefined) return [say.ok("not needed: this host is no real server by DR")];
  const why = `This host is a real server itself (${server}): while another router is master it answers ARP for the virtual address that it has on lo, and takes its clients away`;
  return inetInterfaces(needs).flatMap((name) => {
    const ignore = effective(facts.sysctls, name, "arp_ignore");
    const announce = effective(facts.sysctls, name, "arp_announce");
    if (ignore === null || announce === null) return [say.unknown(`arp_ignore of ${name} cannot be read`)];
    const wrong = {
      ...(ignore === 0 ? { [inetPath(name, "arp_ignore")]: "1" } : {}),
      ...(announce < 2 ? { [inetPath(name, "arp_announce")]: "2" } : {}),
    };
    const what = `arp_ignore of ${name} is ${ignore}, arp_announce ${announce}`;
    return [Object.keys(wrong).length === 0 ? say.ok(what) : say.failure(what, why, sysctlCommand(wrong))];
  });
}

interface IpvsAdvice {
  readonly setting: string;
  readonly wanted: string;
  readonly when: (needs: Needs) => boolean;
  readonly why: string;
}

const advice: readonly IpvsAdvice[] = [
  {
    setting: "expire_nodest_conn",
    wanted: "1",
    when: () => true,
    why: "Connections to a real server that was taken out hang until they time out, in place of being opened anew elsewhere",
  },
  {
    setting: "expire_quiescent_template",
    wanted: "1",
    when: ({ persistent }) => persistent,
    why: "Persistent clients stay with a real server of weight 0 (drained, or down with inhibit_on_failure) as long as they come back",
  },
  {
    setting: "conn_reuse_mode",
    wanted: "1",
    when: () => true,
    why: "A client that uses a port again goes where the old connection went, to a real server that may be drained or dead",
  },
];

/** Sysctls of IPVS that decide what becomes of connections to real servers that are taken out. */
export function ipvsSettings(needs: Needs, { sysctls }: Facts): Finding[] {
  const say = findingsOf("ipvs-settings");
  if (!needs.ipvs) return [say.ok("not needed: nothing is in the kernel's IPVS table")];
  return advice
    .filter(({ when }) => when(needs))
    .map(({ setting, wanted, why }) => {
      const path = ipvsPath(setting);
      const value = sysctls[path] ?? null;
      const name = sysctlName(path);
      if (value === null)
        return say.unknown(`${name} is not there: ip_vs is not loaded, or this kernel does not have it`);
      return value === "0"
        ? say.warning(`${name} is 0`, why, sysctlCommand({ [path]: wanted }))
        : say.ok(`${name} is ${value}`);
    });
}

/** In percent. */
const FULL_TABLE = 80;

/** A full table of connection tracking drops new connections of everybody. */
export function conntrack(_needs: Needs, { sysctls }: Facts): Finding[] {
  const say = findingsOf("conntrack");
  const [count, max] = [sysctls[CONNTRACK_COUNT], sysctls[CONNTRACK_MAX]];
  if (count == null || max == null) return [say.ok("connections are not tracked here")];
  const percent = Math.round((Number(count) / Number(max)) * 100);
  const what = `${count} of ${max} connections tracked (${percent} %)`;
  if (percent < FULL_TABLE) return [say.ok(what)];
  const why = "When the table is full new connections are dropped, adverts of unicast peers among them";
  return [say.warning(what, why, sysctlCommand({ [CONNTRACK_MAX]: String(Number(max) * 2) }))];
}
