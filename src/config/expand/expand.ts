import { serviceKeyText } from "ipvs-netlink";
import type { BfdModel } from "../bfd-model.ts";
import { type Config, globalDefs } from "../keywords/table.ts";
import type { GlobalDefs, Model, VirtualServer } from "../model.ts";
import type { ProgramModel } from "../program-model.ts";
import type { VrrpModel } from "../vrrp-model.ts";
import { expandBfd, toldOf } from "./bfd.ts";
import type { CheckerSurroundings } from "./checker-context.ts";
import { expandIpvsSettings } from "./ipvs-settings.ts";
import { markGiver, reportOverlaps } from "./marks.ts";
import { expandNotifySettings } from "./notify-settings.ts";
import type { Problem } from "./problem.ts";
import { expandProcess } from "./process-settings.ts";
import { expandProgram } from "./program.ts";
import { expandVirtualServer } from "./virtual-server.ts";
import { expandGroups } from "./virtual-server-group.ts";
import { everywhere, type IprouteNames } from "./vrrp/iproute-names.ts";
import { expandTrackFile } from "./vrrp/trackers.ts";
import { expandVrrp } from "./vrrp/vrrp.ts";

/** The Config with inheritance and defaults applied, and what does not fit together. Pure. Virtual servers that are null are left out. */
export function expand(
  config: Config,
  names: IprouteNames = everywhere,
): {
  readonly model: Model;
  readonly vrrp: VrrpModel;
  readonly bfd: BfdModel;
  readonly program: ProgramModel;
  readonly problems: readonly Problem[];
} {
  const { global_defs: globals, virtual_server: servers } = config;
  const problems: Problem[] = [];
  const unique = new UniqueServers(problems);
  const groups = expandGroups(config.virtual_server_group, markGiver(config), problems);
  const bfd = expandBfd(config, problems);
  const surroundings: CheckerSurroundings = {
    ssl: config.SSL,
    trackFiles: trackFilesOf(config),
    bfd: toldOf(config),
  };
  const placed: [VirtualServer, number][] = [];
  const virtualServers = servers.flatMap((written, index) => {
    if (written === null) return [];
    const path = ["virtual_server", index];
    const virtualServer = expandVirtualServer(written, globals, groups, path, problems, surroundings);
    if (virtualServer === null) return [];
    unique.add(virtualServer, index, written.name !== undefined);
    placed.push([virtualServer, index]);
    return [virtualServer];
  });
  if (groups.marks !== null) reportOverlaps(placed, (name) => groups.groups.get(name)?.ranges ?? [], problems);
  const known = servers.includes(null) ? null : new Map(virtualServers.map((each) => [each.name, each]));
  const vrrp = expandVrrp(config, known, problems, names);
  if (servers.length === 0 && vrrp.instances.length === 0 && bfd.instances.length === 0) {
    const message = "the file configures no virtual server: lbctl would have nothing to do";
    problems.push({ path: [], code: "no-virtual-server", message });
  }
  const model = { globalDefs: expandGlobalDefs(config, problems), virtualServers };
  return { model, vrrp, bfd, program: expandProgram(config), problems };
}

function trackFilesOf({ track_file: written }: Config): CheckerSurroundings["trackFiles"] {
  const files = written.flatMap((each) => (each === null ? [] : [expandTrackFile(each)]));
  return files.length < written.length ? null : new Map(files.map((file) => [file.name, file]));
}

function expandGlobalDefs(config: Config, problems: Problem[]): GlobalDefs {
  const written = config.global_defs;
  const { checker_log_all_failures: logAll, reconcile_interval: reconcileInterval } = globalDefs.entries;
  return {
    routerId: written.router_id ?? null,
    reconcileIntervalMs: written.reconcile_interval ?? reconcileInterval.row.default,
    checkerLogAllFailures: written.checker_log_all_failures ?? logAll.row.default,
    notify: expandNotifySettings(written, problems),
    ipvs: expandIpvsSettings(config, problems),
    process: expandProcess(written, "checker"),
  };
}

/** Names and kernel services that are taken. */
class UniqueServers {
  private readonly names = new Set<string>();
  private readonly owners = new Map<string, string>();
  private readonly problems: Problem[];

  constructor(problems: Problem[]) {
    this.problems = problems;
  }

  add({ name, group, services }: VirtualServer, index: number, named: boolean): void {
    const path = ["virtual_server", index];
    let said = false;
    for (const { key } of services) {
      const text = serviceKeyText(key);
      const owner = this.owners.get(text);
      if (owner !== undefined && !said) {
        said = true;
        const other = owner === text ? "another virtual server" : `virtual server ${owner}`;
        const message = `${text} is the service of ${other} already`;
        const keyword = group !== null ? "group" : key.kind === "fwmark" ? "fwmark" : "address";
        this.problems.push({
          path: [...path, keyword],
          code: "duplicate-service",
          message,
          hint: "put the real servers into one virtual server",
        });
      }
      this.owners.set(text, owner ?? name);
    }
    if (named && this.names.has(name)) {
      const message = `another virtual server is called ${name}`;
      this.problems.push({
        path: [...path, "name"],
        code: "duplicate-name",
        message,
        hint: "names tell them apart in commands",
      });
    }
    this.names.add(name);
  }
}
