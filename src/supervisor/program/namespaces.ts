import { openSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import { native } from "ipvs-netlink";
import type { ProgramModel } from "../../config/program-model.ts";

/** A network namespace that the configuration names cannot be used. */
export class NamespaceUnavailable extends Error {
  readonly hint =
    'Namespaces are listed by "ip netns" and made by "ip netns add NAME"; entering one needs CAP_SYS_ADMIN, which a systemd unit must allow, too.';
}

type Namespaces = Pick<ProgramModel, "netNamespace" | "ipvsNamespace" | "instance">;

/**
 * Takes this process into net_namespace, and with it all processes that it starts. Answers the path of the namespace of the IPVS table;
 * null: the own one.
 * @throws NamespaceUnavailable
 */
export function enterNamespaces({ netNamespace, ipvsNamespace }: Omit<Namespaces, "instance">): string | null {
  const moves = netNamespace !== null;
  // The one that it leaves has no name: an open descriptor keeps it reachable.
  const left = moves && ipvsNamespace?.name === null ? openSync("/proc/self/ns/net", "r") : null;
  if (moves) {
    const entered = native().enterNamespace(pathOf(netNamespace));
    if (entered < 0) throw unavailable(netNamespace, entered);
  }
  if (left !== null) return `/proc/${process.pid}/fd/${left}`;
  const name = ipvsNamespace?.name ?? null;
  if (name === null || name === netNamespace) return null;
  const [AF_NETLINK, SOCK_RAW] = [16, 3];
  const fd = native().socketInNamespace(pathOf(name), AF_NETLINK, SOCK_RAW, 0);
  if (fd < 0) throw unavailable(name, fd);
  native().close(fd);
  return pathOf(name);
}

type SetAtStart = Namespaces & Pick<ProgramModel, "controlGroup">;

/** What of it, of the name of the director and of its control socket a reload would change: that takes a restart. */
export function waitForRestart(before: SetAtStart, now: SetAtStart): string[] {
  return [
    ...(before.controlGroup === now.controlGroup ? [] : ["control_group"]),
    ...(before.instance === now.instance ? [] : ["instance"]),
    ...(before.netNamespace === now.netNamespace ? [] : ["net_namespace"]),
    ...(JSON.stringify(before.ipvsNamespace) === JSON.stringify(now.ipvsNamespace) ? [] : ["net_namespace_ipvs"]),
  ];
}

function pathOf(name: string): string {
  return `/run/netns/${name}`;
}

function unavailable(name: string, answer: number): NamespaceUnavailable {
  return new NamespaceUnavailable(`the network namespace ${name} cannot be entered: ${getSystemErrorName(answer)}`);
}
