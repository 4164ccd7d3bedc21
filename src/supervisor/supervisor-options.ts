import type { BfdModel } from "../config/bfd-model.ts";
import type { ConfigurationInForce } from "../control/dump-documents.ts";
import type { EventLog } from "../control/event-log.ts";
import type { Logger, LogLevel } from "../log/logger.ts";
import type { OverrideFile } from "../operator/override-file.ts";
import type { ExitFlags } from "./exit-policy.ts";
import type { DataPlaneName, OpenDataPlane } from "./open-data-plane.ts";
import type { ProgramFlags } from "./program.ts";
import type { RunDir } from "./run-dir.ts";

export interface SupervisorOptions extends ConfigurationInForce {
  readonly bfd: BfdModel;
  readonly configFile: string;
  readonly configId?: string | undefined;
  readonly flags: ProgramFlags;
  /** Which half runs (-P, -C); null: both. */
  readonly only: "vrrp" | "checker" | null;
  /** Without -B. */
  readonly runsBfd: boolean;
  readonly dataPlane: DataPlaneName;
  /** For counters only: the checker process is the one writer. Null: there are no virtual servers. */
  readonly readOnly: OpenDataPlane | null;
  readonly runDir: RunDir;
  readonly exitFlags: ExitFlags;
  readonly overrides: OverrideFile;
  readonly events: EventLog;
  readonly level: LogLevel;
  readonly log: Logger;
}
