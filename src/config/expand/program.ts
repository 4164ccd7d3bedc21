import { type Config, globalDefs } from "../keywords/table.ts";
import type { ProgramModel } from "../program-model.ts";
import { expandSupervisorName } from "./process-settings.ts";

const rows = globalDefs.entries;

/** What the supervisor does beside virtual servers and VRRP. Pure. */
export function expandProgram({ global_defs: written, instance }: Config): ProgramModel {
  return {
    instance: instance ?? null,
    name: expandSupervisorName(written),
    umask: written.umask ?? rows.umask.row.default,
    dumps: {
      useInstance: written.data_use_instance ?? rows.data_use_instance.row.default,
      stateFile: written.state_dump_file ?? null,
      statsFile: written.stats_dump_file ?? null,
      jsonFile: written.json_dump_file ?? null,
      jsonVersion: (written.json_version ?? rows.json_version.row.default) === 2 ? 2 : 1,
    },
  };
}
