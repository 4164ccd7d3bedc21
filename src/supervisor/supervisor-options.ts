import type { BfdModel } from "../config/bfd-model.ts";
import type { ConfigurationInForce } from "../control/dump-documents.ts";
import type { EventLog } from "../control/event-log.ts";
import type { Logger, LogLevel } from "../log/logger.ts";
import type { OverrideFile } from "../operator/override-file.ts";
import type { ExitFlags } from "./checkers/exit-policy.ts";
import type { DataPlaneName, OpenDataPlane } from "./checkers/open-data-plane.ts";
import type { ChildWatch } from "./children/child-watch.ts";
import type { Beginning } from "./handover/estate.ts";
import type { OwnProgram } from "./handover/own-program.ts";
import type { ProgramFlags } from "./program/program.ts";
import type { RunDir } from "./program/run-dir.ts";
import type { ServiceManagerOptions } from "./program/service-manager.ts";

/** By role; null and absent: none. */
export type ChildPidFiles = Readonly<Record<string, string | null>>;

export interface SupervisorOptions extends ConfigurationInForce {
  /** Number of that configuration. */
  readonly generation: number;
  /** What the director before this one knew, if it went on. */
  readonly predecessor: Beginning["view"] | null;
  readonly ownProgram: OwnProgram;
  readonly stateDir: string;
  readonly pidFile: string;
  /** Another process is the director: this one has to end. */
  readonly onHandedOver: (pid: number) => void;
  readonly bfd: BfdModel;
  readonly configFile: string;
  readonly configId?: string | undefined;
  readonly allIncludes: boolean;
  readonly flags: ProgramFlags;
  /** Which half runs (-P, -C); null: both. */
  readonly only: "vrrp" | "checker" | null;
  /** Without -B. */
  readonly runsBfd: boolean;
  /** Both the VRRP and the checker process run, whatever is configured (--all). */
  readonly runsAll: boolean;
  readonly dataPlane: DataPlaneName;
  /** As CheckerSettings has it. */
  readonly ipvsNetns: string | null;
  /** What is restored at the end, by the successor if there is one (-M); null: nothing. */
  readonly corePatternBefore: string | null;
  /** For counters only: the checker process is the one writer. Null: there are no virtual servers. */
  readonly readOnly: OpenDataPlane | null;
  readonly runDir: RunDir;
  readonly exitFlags: ExitFlags;
  /** Where the process ids of children are written. */
  readonly childPidFiles: ChildPidFiles;
  /** Watches those children, and any that there were before. */
  readonly watch: ChildWatch;
  readonly service: Pick<ServiceManagerOptions, "socket" | "watchdogMs">;
  readonly overrides: OverrideFile;
  readonly events: EventLog;
  readonly level: LogLevel;
  readonly log: Logger;
}
