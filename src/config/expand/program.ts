import { type Config, globalDefs, type WrittenGlobalDefs } from "../keywords/table.ts";
import { LONGEST_TIMER_MS } from "../keywords/values/timer.ts";
import type { ProgramModel, ReloadSettings, TimedScript } from "../program-model.ts";
import { expandSupervisorName } from "./process-settings.ts";
import { commandOf } from "./vrrp/notify.ts";

const rows = globalDefs.entries;

/** What the supervisor does beside virtual servers and VRRP. Pure. */
export function expandProgram({
  global_defs: written,
  instance,
  child_wait_time: childWaitS,
  net_namespace: namespace,
  net_namespace_ipvs: ofIpvs,
}: Config): ProgramModel {
  return {
    instance: instance ?? null,
    netNamespace: namespace ?? null,
    ipvsNamespace: ofIpvs === undefined ? null : { name: ofIpvs },
    name: expandSupervisorName(written),
    umask: written.umask ?? rows.umask.row.default,
    childWaitMs: childWaitS === undefined ? null : Math.min(Math.max(1, childWaitS) * 1000, LONGEST_TIMER_MS),
    startupScript: timedScript(written, "startup_script"),
    shutdownScript: timedScript(written, "shutdown_script"),
    controlGroup: written.control_group ?? null,
    metricsAddress: written.metrics_address ?? null,
    dumps: {
      useInstance: written.data_use_instance ?? rows.data_use_instance.row.default,
      stateFile: written.state_dump_file ?? null,
      statsFile: written.stats_dump_file ?? null,
      jsonFile: written.json_dump_file ?? null,
      jsonVersion: (written.json_version ?? rows.json_version.row.default) === 2 ? 2 : 1,
    },
    reload: reloadSettings(written),
  };
}

function timedScript(written: WrittenGlobalDefs, keyword: "startup_script" | "shutdown_script"): TimedScript | null {
  const script = written[keyword];
  if (script === undefined) return null;
  const timeoutS = written[`${keyword}_timeout`] ?? rows[`${keyword}_timeout`].row.default;
  return { script: commandOf(script, written), timeoutMs: timeoutS * 1000 };
}

function reloadSettings(written: WrittenGlobalDefs): ReloadSettings {
  const { reload_file: mark } = written;
  return {
    timeFile: written.reload_time_file ?? null,
    repeat: written.reload_repeat ?? rows.reload_repeat.row.default,
    markFile: mark === undefined ? null : (mark ?? ""),
    checkLog: written.reload_check_config ?? null,
    saveDirectory: written.config_save_dir ?? null,
  };
}
