import { defaultIpvsSettings } from "../config/ipvs-model.ts";
import type { Model } from "../config/model.ts";
import { defaultNotifySettings } from "../config/notify-model.ts";
import { defaultProcessSettings } from "../config/process-model.ts";

/** Of a process that was told none yet. */
export const noModel: Model = {
  globalDefs: {
    routerId: null,
    reconcileIntervalMs: 0,
    checkerLogAllFailures: false,
    notify: defaultNotifySettings,
    ipvs: defaultIpvsSettings,
    process: defaultProcessSettings,
  },
  virtualServers: [],
};
