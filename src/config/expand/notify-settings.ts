import { globalDefs, type WrittenGlobalDefs } from "../keywords/table.ts";
import type { NotifySettings } from "../notify-model.ts";

const rows = globalDefs.entries;

/** How scripts are run. Pure. */
export function expandNotifySettings(written: WrittenGlobalDefs): NotifySettings {
  return {
    scriptUser: written.script_user ?? null,
    scriptSecurity: written.enable_script_security ?? rows.enable_script_security.row.default,
  };
}
