import type { BfdModel } from "../../config/bfd-model.ts";
import type { VrrpModel } from "../../config/vrrp-model.ts";
import type { ChangedBlock } from "../../control/api.ts";

/** What a reload changes beside the table. */
export interface BesideTheTable {
  readonly vrrp: VrrpModel;
  readonly bfd: BfdModel;
}

interface Named {
  readonly name: string;
}

/** The blocks of VRRP and BFD that are new, gone, or say something else than before: in the order of the files, those that are gone first. */
export function changedBlocks(before: BesideTheTable, now: BesideTheTable): ChangedBlock[] {
  return [
    ...changesOf("vrrp_instance", before.vrrp.instances, now.vrrp.instances),
    ...changesOf("vrrp_sync_group", before.vrrp.syncGroups, now.vrrp.syncGroups),
    ...changesOf("vrrp_script", before.vrrp.scripts, now.vrrp.scripts),
    ...changesOf("track_file", before.vrrp.trackFiles, now.vrrp.trackFiles),
    ...changesOf("track_process", before.vrrp.trackProcesses, now.vrrp.trackProcesses),
    ...changesOf("bfd_instance", before.bfd.instances, now.bfd.instances),
  ];
}

function changesOf(block: ChangedBlock["block"], before: readonly Named[], now: readonly Named[]): ChangedBlock[] {
  const old = new Map(before.map((each) => [each.name, JSON.stringify(each)]));
  const names = new Set(now.map(({ name }) => name));
  const removed = before.filter(({ name }) => !names.has(name));
  return [
    ...removed.map(({ name }) => ({ block, name, change: "removed" as const })),
    ...now.flatMap((each): ChangedBlock[] => {
      const was = old.get(each.name);
      if (was === undefined) return [{ block, name: each.name, change: "added" }];
      return was === JSON.stringify(each) ? [] : [{ block, name: each.name, change: "changed" }];
    }),
  ];
}
