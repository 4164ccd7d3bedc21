import type { ServiceEntry } from "ipvs-netlink";
import type { SessionView } from "../bfd/process/session-view.ts";
import type { ListenAddress } from "../config/keywords/values/listen-address.ts";
import type { EventEntry } from "../control/event-log.ts";
import type { DaemonStatus } from "../control/status-document.ts";
import type { ViewTold } from "../control/view-news.ts";
import type { Severity } from "../log/record.ts";
import type { OperatorOverride } from "../operator/overrides.ts";
import type { CheckCounts } from "../supervisor/checkers/check-counts.ts";
import type { DataPlaneName } from "../supervisor/checkers/open-data-plane.ts";
import type { ProcessState } from "../supervisor/children/child-watch.ts";
import type { TrackedScript } from "../supervisor/vrrp/vrrp-scripts.ts";

/** What a web process is for, from its start to its end. */
export interface WebSettings {
  readonly listen: ListenAddress;
  /** There are virtual servers in the kernel's table, whose counters it reads itself. */
  readonly readsIpvs: boolean;
  readonly runDir: string;
  /** As CheckerSettings has it. */
  readonly ipvsNetns: string | null;
}

/** A virtual address as keepalived's dumps name it. */
export interface VirtualAddressName {
  readonly instance: string;
  /** "192.0.2.100/24". */
  readonly address: string;
  readonly interface: string;
}

/** What the supervisor counts since it was started. */
export interface Counted {
  readonly checks: CheckCounts;
  /** By kind of event. */
  readonly events: Readonly<Record<string, number>>;
  readonly reloads: {
    readonly applied: number;
    readonly refused: number;
    readonly failed: number;
    /** Of the last one that was applied, or of the start. */
    readonly appliedEpochMs: number;
    readonly lastWasApplied: boolean;
  };
}

/** What the supervisor tells when it is asked: changes of the view, everything else as it is now. Plain data. */
export interface Told {
  readonly view: ViewTold;
  readonly overrides: readonly OperatorOverride[];
  readonly sessions: readonly SessionView[];
  readonly daemon: DaemonStatus;
  readonly dataPlane: DataPlaneName;
  /** With counters; null: the kernel's, which the web process reads itself. */
  readonly table: readonly ServiceEntry[] | null;
  /** How many descriptors processes of ours have open, by process id; it may not look itself. */
  readonly openFds: ReadonlyMap<number, number>;
  readonly virtualAddresses: readonly VirtualAddressName[];
  readonly scripts: readonly TrackedScript[];
  /** Of the other processes; the supervisor answers, or nothing comes. */
  readonly processes: readonly ProcessState[];
  readonly counted: Counted;
  /** The worst lateness of a VRRP timer since the process that has it was first started. */
  readonly vrrpLateMaxMs: number;
  /** Those that came since the last time, at most `maxEventsTold`. */
  readonly events: readonly EventEntry[];
}

export const maxEventsTold = 500;

/** Supervisor → web process. There is nothing that the web process could ask to be changed. */
export type ToWeb =
  /** First message of every web process. */
  | { readonly kind: "start"; readonly settings: WebSettings }
  /** Answers `ask`. */
  | { readonly kind: "told"; readonly told: Told };

/** Web process → supervisor. */
export type FromWeb =
  /** What is new? Not asked again before it is answered. `eventsFrom` is the number of the first event that it does not have. */
  | { readonly kind: "ask"; readonly eventsFrom: number }
  | { readonly kind: "log"; readonly severity: Severity; readonly message: string };
