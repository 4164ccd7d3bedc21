import { formatDuration } from "@lbctl/checkers";
import type { PriorityChange, StateChange } from "./action.ts";
import type { IgnoreReason, TransitionReason, Warning } from "./reason.ts";
import type { Contribution, Fault, TrackSource } from "./standing.ts";

/** One log line: both ends of the change, how long the old state lasted, and why. */
export function describeChange({ instance, from, to, lastedMs, because }: StateChange): string {
  return `vrrp ${instance} ${from} -> ${to} after ${formatDuration(lastedMs)}: ${describeReason(because)}`;
}

/** "vrrp VI_1 priority 101 -> 96 (101 - 5 for script nginx)". */
export function describePriorityChange({ instance, from, to, basePriority, contributions }: PriorityChange): string {
  return `vrrp ${instance} priority ${from} -> ${to} (${describeSum(basePriority, contributions)})`;
}

/** What a priority is made of: the base and what is active. */
export function describeSum(basePriority: number, contributions: readonly Contribution[]): string {
  const active = contributions.filter((contribution) => contribution.active);
  if (active.length === 0) return "its base";
  const parts = active.map(
    ({ source, adds }) => `${adds < 0 ? "-" : "+"} ${Math.abs(adds)} for ${describeSource(source)}`,
  );
  return [basePriority, ...parts].join(" ");
}

/** Why a router is in its state, a sentence without its subject. */
export function describeReason(reason: TransitionReason): string {
  switch (reason.kind) {
    case "configured":
      return "configured";
    case "started":
      return "started";
    case "start_delayed":
      return `starts in ${formatDuration(reason.delayMs)}`;
    case "owner":
      return "it owns the addresses (priority 255)";
    case "resumed":
      return `its last advert was ${formatMs(reason.silentMs)} ago, nobody took over before ${formatMs(reason.limitMs)}`;
    case "no_master_heard":
      return `no advert from anybody for ${formatMs(reason.waitedMs)}`;
    case "master_silent":
      return `no advert from ${reason.address} (priority ${reason.priority}) for ${formatMs(reason.silentMs)}`;
    case "master_resigned":
      return `${reason.address} resigned (priority 0)`;
    case "preempts":
      return `${reason.address} has priority ${reason.priority}, lower than ${reason.ownPriority}`;
    case "saw_drop":
      return `${reason.address} fell from priority ${reason.from} to ${reason.to}, lower than ${reason.ownPriority} (preempt on_failure)`;
    case "superior":
      return `${reason.address} has priority ${reason.priority}, higher than ${reason.ownPriority}`;
    case "greater_address":
      return `${reason.address} has the same priority ${reason.priority} and a greater address than ${reason.own}`;
    case "stalled":
      return `it was not run for ${formatMs(reason.silentMs)}, others may have taken over after ${formatMs(reason.limitMs)}`;
    case "fault":
      return reason.faults.map(describeFault).join("; ");
    case "faults_cleared":
      return "all faults are gone";
    case "handed_over":
      return `handed over to ${reason.to}`;
    case "handover_unanswered":
      return `resigned, and nobody took over within ${formatMs(reason.waitedMs)}`;
    case "shutdown":
      return "shutdown";
    case "group_master":
      return `sync group ${reason.group} becomes master; here: ${describeReason(reason.because)}`;
    case "group_joined":
      return `new in sync group ${reason.group}, which is master`;
    case "group_backup":
      return `sync group ${reason.group} follows ${reason.member}: ${describeReason(reason.because)}`;
    case "reconfigured":
      return `reload with another ${reason.settings.join(", ")}`;
  }
}

/** What keeps a router from taking part. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case "interface_down":
      return `interface ${fault.interface} is down`;
    case "interface_missing":
      return `interface ${fault.interface} does not exist`;
    case "no_source_address":
      return fault.interface === null ? "its source address is missing" : `no source address on ${fault.interface}`;
    case "no_unicast_peer":
      return "no unicast_peer to talk to";
    case "static_track":
      return `a static address, route or rule of track_group ${fault.group} is missing`;
    case "track":
      return `${describeSource(fault.source)} is ${fault.reverse ? "good (reverse)" : "bad"}`;
    case "file_below_limit":
      return `file ${fault.name} yields ${fault.result}, below -253`;
    case "sync_group":
      return `member ${fault.member} of its sync group is in fault`;
  }
}

/** Why an event changed nothing. */
export function describeIgnored(reason: IgnoreReason): string {
  return ignored[reason];
}

const ignored: Readonly<Record<IgnoreReason, string>> = {
  not_started: "not started yet",
  in_fault: "in fault",
  stopped: "stopped",
  leaving: "about to hand over",
  lower_priority: "lower priority, and it preempts",
  other_resigned: "priority 0 from a router that is not the master",
  resigned_before: "has resigned before",
  own_address: "sent from the own address",
  owner: "it owns the addresses (priority 255)",
  not_master: "not master",
  not_concerned: "nothing to do in this state",
};

/** What somebody should look at, a sentence. */
export function describeWarning(warning: Warning): string {
  switch (warning.kind) {
    case "second_master":
      return `${warning.address} is master too, with priority ${warning.priority} (own ${warning.ownPriority})`;
    case "second_master_stays":
      return `${warning.address} (priority ${warning.priority}) has been master too for ${formatDuration(warning.forMs)}, ${warning.adverts} adverts: it does not hear this router, or the virtual_router_id is used twice`;
    case "equal_priority":
      return `${warning.address} has the same priority ${warning.priority}; only addresses decide`;
    case "own_address_used":
      return `adverts come from ${warning.address}, the own address: another host has it, or the network returns packets`;
    case "advert_interval_differs":
      return `${warning.address} has advert_int ${formatMs(warning.theirsMs)}, here it is ${formatMs(warning.oursMs)}`;
    case "late":
      return `${warning.timer === "advert" ? "advert" : "master-down timer"} late by ${formatMs(warning.lateMs)}`;
    case "stalled_backup":
      return `was not run for ${formatMs(warning.stallMs)}; listens for another ${formatMs(warning.waitMs)} before it takes over`;
    case "stalled_master":
      return `was not run for ${formatMs(warning.silentMs)}, others may have taken over after ${formatMs(warning.limitMs)}: resigns, and listens for a successor`;
    case "stall_unanswered":
      return `nobody took over within ${formatMs(warning.waitedMs)}, it stays master`;
    case "failover_unanswered":
      return `failover without a successor: nobody took over within ${formatMs(warning.waitedMs)}, it stays master`;
    case "stalled_owner":
      return `was not run for ${formatMs(warning.silentMs)}; goes on as owner of the addresses`;
  }
}

function describeSource({ kind, name }: TrackSource): string {
  return `${kind} ${name}`;
}

/** Protocol times are told in ms: 3609 ms against 3600 ms says something. */
function formatMs(ms: number): string {
  return `${Number(ms.toFixed(ms < 100 ? 1 : 0))} ms`;
}
