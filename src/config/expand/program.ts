import { type Config, globalDefs } from "../keywords/table.ts";
import type { ProgramModel } from "../program-model.ts";
import { expandSupervisorName } from "./process-settings.ts";

const rows = globalDefs.entries;

/** What the supervisor does beside virtual servers and VRRP. Pure. */
export function expandProgram({ global_defs: written }: Config): ProgramModel {
  return {
    name: expandSupervisorName(written),
    umask: written.umask ?? rows.umask.row.default,
  };
}
