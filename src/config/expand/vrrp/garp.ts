import {
  globalDefs,
  type WrittenGarpGroup,
  type WrittenGlobalDefs,
  type WrittenVrrpInstance,
} from "../../keywords/table.ts";
import { LONGEST_TIMER_MS } from "../../keywords/values/timer.ts";
import type { GarpGroup, GarpSettings } from "../../vrrp-model.ts";
import type { Problem } from "../problem.ts";

const rows = globalDefs.entries;

/** The instance, global_defs, defaults; vrrp_min_garp is another set of defaults. A repeat of 0 counts as 1. */
export function expandGarp(written: WrittenVrrpInstance, globals: WrittenGlobalDefs, strict: boolean): GarpSettings {
  const least = globals.vrrp_min_garp ?? false;
  const globalDelayS = globals.vrrp_garp_master_delay ?? (least ? 0 : rows.vrrp_garp_master_delay.row.default);
  const globalRepeat = globals.vrrp_garp_master_repeat ?? (least ? 1 : rows.vrrp_garp_master_repeat.row.default);
  const lowerDelayS = written.garp_lower_prio_delay ?? globals.vrrp_garp_lower_prio_delay ?? globalDelayS;
  const lowerRepeat = written.garp_lower_prio_repeat ?? globals.vrrp_garp_lower_prio_repeat ?? globalRepeat;
  const refreshS =
    written.garp_master_refresh ?? globals.vrrp_garp_master_refresh ?? rows.vrrp_garp_master_refresh.row.default;
  const extra = written.garp_extra_if ?? globals.vrrp_garp_extra_if;
  return {
    masterDelayMs: (written.garp_master_delay ?? globalDelayS) * 1000,
    masterRepeat: Math.max(1, written.garp_master_repeat ?? globalRepeat),
    // keepalived's longest is 136 years; a timer that Node cannot hold would run out at once, and flood the network.
    masterRefreshMs: Math.min(refreshS * 1000, LONGEST_TIMER_MS),
    masterRefreshRepeat: Math.max(
      1,
      written.garp_master_refresh_repeat ??
        globals.vrrp_garp_master_refresh_repeat ??
        rows.vrrp_garp_master_refresh_repeat.row.default,
    ),
    lowerPrioDelayMs: strict ? 0 : lowerDelayS * 1000,
    lowerPrioRepeat: strict ? 0 : lowerRepeat,
    extraInterfaces:
      extra === undefined || !extra.seconds ? null : { everyMs: extra.seconds * 1000, all: extra.all === true },
  };
}

export function expandGarpGroups(groups: readonly (WrittenGarpGroup | null)[], problems: Problem[]): GarpGroup[] {
  const taken = new Set<string>();
  return groups.flatMap((written, index): GarpGroup[] => {
    if (written === null) return [];
    const path = ["garp_group", index];
    const named = [
      ...(written.interface === undefined ? [] : [{ name: written.interface, path: [...path, "interface"], word: 0 }]),
      ...(written.interfaces ?? []).map((name, word) => ({ name, path: [...path, "interfaces"], word })),
    ];
    if (named.length === 0) {
      const message = "garp_group names no interface";
      problems.push({ path, code: "missing-keyword", message, hint: "add interface or interfaces" });
    }
    if (written.garp_interval === undefined && written.gna_interval === undefined) {
      const message = "garp_group sets no interval";
      problems.push({ path, code: "missing-keyword", message, hint: "add garp_interval or gna_interval" });
    }
    for (const { name, path: place, word } of named) {
      if (taken.size !== taken.add(name).size) continue;
      problems.push({ path: place, word, code: "duplicate-reference", message: `${name} is in a garp_group already` });
    }
    return [
      {
        interfaces: named.map(({ name }) => name),
        garpIntervalUs: written.garp_interval ?? 0,
        gnaIntervalUs: written.gna_interval ?? 0,
      },
    ];
  });
}
