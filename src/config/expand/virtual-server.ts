import { type ServiceKey, serviceFamily, serviceKeyText } from "ipvs-netlink";
import type { Marking } from "../ipvs-model.ts";
import { virtualServer } from "../keywords/lvs.ts";
import type { WrittenGlobalDefs, WrittenVirtualServer } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import type { RealServer, VirtualServer } from "../model.ts";
import { type CheckerSurroundings, noSurroundings } from "./checker-context.ts";
import { markingOf } from "./marks.ts";
import { expandQuorumNotify } from "./notify-settings.ts";
import type { Problem } from "./problem.ts";
import { expandRealServers, expandSorryServer, type ServerContext } from "./real-server.ts";
import { expandServices } from "./service.ts";
import type { GroupNames } from "./virtual-server-group.ts";

const rows = virtualServer.entries;

/** One virtual server with everything inherited; null when it is no kernel service. Pure. */
export function expandVirtualServer(
  written: WrittenVirtualServer,
  globals: WrittenGlobalDefs,
  groups: GroupNames,
  path: Path,
  problems: Problem[],
  surroundings: CheckerSurroundings = noSurroundings,
): VirtualServer | null {
  const services = expandServices(written, groups, path, problems);
  const [first] = services;
  if (first === undefined) return null;
  const ranges = groups.marks === null ? [] : (groups.groups.get(written.group ?? "")?.ranges ?? []);
  const marking =
    ranges.length > 0 && first.key.kind === "fwmark" && written.protocol !== undefined
      ? markingOf(first.key.fwmark, written.protocol, ranges)
      : null;
  const forwarding = written.lvs_method ?? rows.lvs_method.row.default;
  const context: ServerContext = {
    globals,
    written,
    families: [...new Set(services.map(({ key }) => serviceFamily(key)))],
    virtualPorts:
      marking === null
        ? [...new Set(services.map(({ key }) => (key.kind === "fwmark" ? 0 : key.port)))]
        : [...new Set(marking.destinations.map(({ port }) => port ?? 0))],
    forwarding,
    path,
    surroundings,
  };
  const realServers = expandRealServers(context, problems);
  if (realServers.length === 0)
    problems.push({ path, code: "no-real-server", message: "the virtual server has no real server" });
  checkSorrySettings(written, path, problems);
  return {
    name: written.name ?? defaultName(written, first.key, marking),
    group: written.group ?? null,
    services,
    ...(marking === null ? {} : { marking }),
    ...(written.ha_suspend === true ? { haSuspend: true } : {}),
    lvsMethod: forwarding.method,
    tunnel: forwarding.tunnel,
    ...expandQuorum(written, realServers, path, problems),
    sorryServer: written.sorry_server === undefined ? null : expandSorryServer(written.sorry_server, context, problems),
    ...(written.panic_threshold ? { panicThreshold: written.panic_threshold } : {}),
    notify: expandQuorumNotify(written, globals),
    realServers,
  };
}

function defaultName({ group }: WrittenVirtualServer, key: ServiceKey, marking: Marking | null): string {
  if (group === undefined) return serviceKeyText(key);
  if (marking !== null) return `${marking.protocol} group ${group}`;
  return key.kind === "fwmark" ? `group ${group}` : `${key.protocol} group ${group}`;
}

function checkSorrySettings(written: WrittenVirtualServer, path: Path, problems: Problem[]): void {
  if (written.sorry_server !== undefined) return;
  for (const name of ["sorry_server_inhibit", "sorry_server_lvs_method"] as const) {
    if (written[name] === undefined) continue;
    problems.push({
      path: [...path, name],
      code: "no-effect",
      message: `${name} changes nothing without sorry_server`,
    });
  }
}

/** Quorum and hysteresis as keepalived takes them: what can never be reached is lowered to what can. */
function expandQuorum(
  written: WrittenVirtualServer,
  realServers: readonly RealServer[],
  path: Path,
  problems: Problem[],
): { readonly quorum: number; readonly hysteresis: number } {
  const { quorum: wanted = rows.quorum.row.default, hysteresis: damping = rows.hysteresis.row.default } = written;
  const weights = realServers.map(({ destination }) => destination.weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let quorum = wanted;
  if (total > 0 && wanted > total) {
    quorum = total;
    const message = `quorum ${wanted} is above the weight of all real servers, ${sumText(weights, total)}: it could never be met`;
    problems.push({
      path: [...path, "quorum"],
      code: "quorum-unreachable",
      message,
      hint: `${total} is taken instead`,
    });
  }
  if (total === 0 && weights.length > 0) {
    const instead = written.sorry_server === undefined ? "nobody takes new connections" : "the sorry server takes them";
    const message = `no real server has a weight: they take no new connections, and the quorum of ${wanted} is not met`;
    problems.push({ path, code: "quorum-unreachable", message, hint: `${instead} until a weight is raised` });
  }
  if (damping < quorum) return { quorum, hysteresis: damping };
  const message = `hysteresis ${damping} is not below the quorum ${quorum}: the quorum could never be lost`;
  const hint = `${quorum - 1} is taken instead`;
  problems.push({ path: [...path, "hysteresis"], code: "hysteresis-too-large", message, hint });
  return { quorum, hysteresis: quorum - 1 };
}

function sumText(weights: readonly number[], total: number): string {
  if (weights.length === 1) return String(total);
  return weights.length <= 8 ? `${weights.join(" + ")} = ${total}` : `${weights.length} weights, ${total} in all`;
}
