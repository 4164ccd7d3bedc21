import { formatDuration } from "@lbctl/checkers";
import type { VrrpSyncGroup } from "../../config/vrrp-model.ts";
import type { LogRecord, Severity } from "../../log/record.ts";
import type { StateChange } from "../../vrrp/machine/action.ts";
import { describeReason } from "../../vrrp/machine/describe.ts";
import type { Phase } from "../../vrrp/machine/phase.ts";
import type { TransitionReason } from "../../vrrp/machine/reason.ts";

interface GroupChange {
  readonly severity: Severity;
  readonly message: string;
  readonly fields: LogRecord["fields"];
}

/** On its way to another state: nothing that a group would be in. */
const passing: ReadonlySet<Phase> = new Set(["initialize", "leaving"]);

/** In which state sync groups are: in that of their instances, once all of them are in the same. Pure but for its memory. */
export class GroupStates {
  #groups: readonly VrrpSyncGroup[];
  readonly #instances = new Map<string, Phase>();
  readonly #states = new Map<string, { readonly state: Phase; readonly sinceMs: number }>();

  constructor(groups: readonly VrrpSyncGroup[]) {
    this.#groups = groups;
  }

  configure(groups: readonly VrrpSyncGroup[]): void {
    this.#groups = groups;
    const names = new Set(groups.map(({ name }) => name));
    for (const name of this.#states.keys()) if (!names.has(name)) this.#states.delete(name);
  }

  /** The log lines of groups that an instance took along, or made whole. */
  happened(change: StateChange, nowMs: number): GroupChange[] {
    this.#instances.set(change.instance, change.to);
    return this.#groups
      .filter(({ members }) => members.includes(change.instance))
      .flatMap(({ name, members }) => {
        const states = new Set(members.map((member) => this.#instances.get(member)));
        const before = this.#states.get(name);
        if (states.size > 1 || passing.has(change.to) || before?.state === change.to) return [];
        this.#states.set(name, { state: change.to, sinceMs: nowMs });
        return [describe(name, before, change, nowMs)];
      });
  }
}

function describe(
  group: string,
  before: { readonly state: Phase; readonly sinceMs: number } | undefined,
  { instance, to, because }: StateChange,
  nowMs: number,
): GroupChange {
  const from = before?.state ?? "initialize";
  const lastedMs = before === undefined ? null : nowMs - before.sinceMs;
  const after = lastedMs === null ? "" : ` after ${formatDuration(lastedMs)}`;
  return {
    severity: to === "fault" ? "warning" : "notice",
    message: `vrrp_sync_group ${group} ${from} -> ${to}${after}: last of its instances was ${instance}, ${describeReason(causeOf(because))}`,
    fields: {
      ...{ event: "vrrp_group_changed", sync_group: group, from, to },
      ...(lastedMs === null ? {} : { lasted_ms: Math.round(lastedMs) }),
    },
  };
}

/** What an instance says of its group is the group's own: what lies behind it is the cause. */
function causeOf(reason: TransitionReason): TransitionReason {
  return reason.kind === "group_master" || reason.kind === "group_backup" ? causeOf(reason.because) : reason;
}
