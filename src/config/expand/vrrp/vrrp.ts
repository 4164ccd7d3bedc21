import { type Config, globalDefs, keywordTable } from "../../keywords/table.ts";
import type { Weight } from "../../keywords/values/weight.ts";
import type { Tracking } from "../../network-model.ts";
import type { Linkbeat, UpDownDelay, VrrpModel } from "../../vrrp-model.ts";
import { toldOf } from "../bfd.ts";
import type { Problem } from "../problem.ts";
import { expandAddress, type Surroundings } from "./address.ts";
import { msOf, pathsOf, type VrrpContext } from "./context.ts";
import { expandGarpGroups } from "./garp.ts";
import { expandVrrpGlobals } from "./globals.ts";
import { expandSyncGroups, expandTrackGroups } from "./groups.ts";
import { expandInstance } from "./instance.ts";
import { everywhere, type IprouteNames } from "./iproute-names.ts";
import { expandRoute } from "./route.ts";
import { expandRule } from "./rule.ts";
import { expandScript, expandTrackFile, expandTrackProcess } from "./trackers.ts";
import { namesHint, type Trackables } from "./tracks.ts";
import { checkGroup } from "./transport.ts";
import { type PlacedInstance, refuseSharedNumbers } from "./virtual-routers.ts";

/** The VRRP part of the Config with inheritance and defaults applied. Pure. Blocks that are null are left out. */
export function expandVrrp(
  config: Config,
  virtualServers: ReadonlyMap<string, unknown> | null,
  problems: Problem[],
  names: IprouteNames = everywhere,
): VrrpModel {
  const globals = config.global_defs ?? {};
  const context: VrrpContext = { globals, names, problems };
  checkNames(config, problems);
  for (const keyword of ["vrrp_mcast_group4", "vrrp_mcast_group6"] as const) {
    const group = globals[keyword];
    if (group !== undefined) checkGroup(group, ["global_defs", keyword], problems);
  }
  const trackables = trackablesOf(config, virtualServers);
  const instanceNames = namesOf(config.vrrp_instance);
  const syncGroups = expandSyncGroups(config.vrrp_sync_group, instanceNames, trackables, context);
  const statics = expandStatic(config, context);
  const placed = config.vrrp_instance.flatMap((written, index): PlacedInstance[] => {
    if (written === null) return [];
    const path = ["vrrp_instance", index];
    const group = syncGroups.find(({ members }) => members.includes(written.name)) ?? null;
    return [{ instance: expandInstance(written, { group, trackables }, path, context), path }];
  });
  refuseSharedNumbers(placed, problems);
  return {
    globals: expandVrrpGlobals(globals, problems),
    instances: placed.map(({ instance }) => instance),
    syncGroups,
    scripts: present(config.vrrp_script).map((written) => expandScript(written, globals)),
    trackFiles: present(config.track_file).map(expandTrackFile),
    trackProcesses: config.vrrp_track_process.flatMap((written, index) =>
      written === null ? [] : [expandTrackProcess(written, ["vrrp_track_process", index], problems)],
    ),
    trackGroups: expandTrackGroups(config.track_group, instanceNames, context),
    garpGroups: expandGarpGroups(config.garp_group, problems),
    ...statics,
    linkbeat: expandLinkbeat(config),
    upDownDelays: (config.interface_up_down_delays ?? []).map(
      ({ interface: name = "", down = 0, up = down }): UpDownDelay => ({
        interface: name,
        downMs: msOf(down),
        upMs: msOf(up),
      }),
    ),
  };
}

function present<T>(blocks: readonly (T | null)[]): T[] {
  return blocks.filter((block) => block !== null);
}

/** Null when a block has errors: its name may be the one that is looked for. */
function namesOf<T extends { readonly name: string }>(blocks: readonly (T | null)[]): ReadonlyMap<string, T> | null {
  const all = present(blocks);
  return all.length < blocks.length ? null : new Map(all.map((block) => [block.name, block]));
}

function trackablesOf(config: Config, virtualServers: ReadonlyMap<string, unknown> | null): Trackables {
  const blocks = keywordTable.entries;
  const weights = <T extends { readonly name: string; readonly weight?: Weight | undefined }>(
    written: readonly (T | null)[],
    otherwise: Weight,
  ) => {
    const named = namesOf(written);
    return named === null ? null : new Map([...named].map(([name, { weight }]) => [name, weight ?? otherwise]));
  };
  const fault: Weight = { weight: 0, reverse: false };
  return {
    scripts: weights(config.vrrp_script, blocks.vrrp_script.block.entries.weight.row.default),
    files: weights(config.track_file, blocks.track_file.block.entries.weight.row.default),
    processes: weights(config.vrrp_track_process, blocks.vrrp_track_process.block.entries.weight.row.default),
    ...bfdTrackables(config, weights(config.bfd_instance, blocks.bfd_instance.block.entries.weight.row.default)),
    virtualServers: virtualServers === null ? null : new Map([...virtualServers.keys()].map((name) => [name, fault])),
  };
}

function bfdTrackables(config: Config, all: Trackables["bfds"]): Pick<Trackables, "bfds" | "bfdsOfCheckers"> {
  const told = toldOf(config);
  const isTold = (name: string) => told?.get(name)?.vrrp !== false;
  return {
    bfds: all === null ? null : new Map([...all].filter(([name]) => isTold(name))),
    bfdsOfCheckers: new Set([...(all ?? new Map()).keys()].filter((name) => !isTold(name))),
  };
}

const named = [
  "vrrp_instance",
  "vrrp_sync_group",
  "vrrp_script",
  "track_file",
  "vrrp_track_process",
  "track_group",
  "bfd_instance",
] as const;

function checkNames(config: Config, problems: Problem[]): void {
  for (const keyword of named) {
    const taken = new Set<string>();
    for (const [index, block] of config[keyword].entries()) {
      if (block === null || taken.size !== taken.add(block.name).size) continue;
      const message = `another ${keyword} is called ${block.name}`;
      problems.push({ path: [keyword, index, "name"], code: "duplicate-name", message });
    }
  }
}

function expandStatic(
  config: Config,
  context: VrrpContext,
): Pick<VrrpModel, "staticAddresses" | "staticRoutes" | "staticRules"> {
  const tracking: Tracking = { kind: "restore" };
  const around: Surroundings = {
    interface: context.globals.default_interface ?? globalDefs.entries.default_interface.row.default,
    link: false,
    vmacElsewhere: false,
    tracking,
  };
  const groups = namesOf(config.track_group);
  const checked = <T extends { readonly track_group?: string }>(line: T, keyword: string, word: number): T => {
    const { track_group: group } = line;
    if (group === undefined || groups === null || groups.has(group)) return line;
    const hint = namesHint("track_group", groups);
    context.problems.push({
      path: [keyword],
      word,
      code: "unknown-reference",
      message: `there is no track_group ${group}`,
      hint,
    });
    return line;
  };
  return {
    staticAddresses: (config.static_ipaddress ?? []).map((line, word) =>
      expandAddress(checked(line, "static_ipaddress", word), around, pathsOf([], "static_ipaddress")(word), context),
    ),
    staticRoutes: (config.static_routes ?? []).flatMap((line, word) => {
      checked(line.route, "static_routes", word);
      return expandRoute(line, tracking, pathsOf([], "static_routes")(word), context) ?? [];
    }),
    staticRules: (config.static_rules ?? []).flatMap((line, word) => {
      checked(line, "static_rules", word);
      return expandRule(line, tracking, pathsOf([], "static_rules")(word), context) ?? [];
    }),
  };
}

function expandLinkbeat(config: Config): Linkbeat {
  const own = present(config.vrrp_instance).flatMap(({ linkbeat_use_polling: polling, interface: name }) =>
    polling === true && name !== undefined ? [{ interface: name, method: null }] : [],
  );
  const listed = (config.linkbeat_interfaces ?? []).map(({ interface: name = "", MII, ETHTOOL, IOCTL }) => ({
    interface: name,
    method: MII ? ("MII" as const) : ETHTOOL ? ("ETHTOOL" as const) : IOCTL ? ("IOCTL" as const) : null,
  }));
  const names = new Set(listed.map((each) => each.interface));
  return {
    all: config.linkbeat_use_polling ?? false,
    interfaces: [...listed, ...own.filter((each) => !names.has(each.interface))],
  };
}
