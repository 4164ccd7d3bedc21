import type { Track, Tracks } from "../../config/vrrp-model.ts";
import { OWNER_PRIORITY } from "./settings.ts";
import type { Contribution, Fault, Standing, TrackKind, TrackSource } from "./standing.ts";

/** State of a tracked thing; a number for files. */
export type TrackedValue = "up" | "down" | number;

/** What is known of a tracked thing; null: nothing yet, which changes neither priority nor state. */
export type ValueOf = (source: TrackSource) => TrackedValue | null;

const kinds = [
  ["interfaces", "interface"],
  ["scripts", "script"],
  ["files", "file"],
  ["processes", "process"],
  ["bfds", "bfd"],
  ["virtualServers", "virtual_server"],
] as const satisfies readonly (readonly [keyof Tracks, TrackKind])[];

/** The result of a file may go this far down; below it is a fault (keepalived.conf(5), vrrp_track_file). */
const LOWEST_FILE_RESULT = -253;

/**
 * Priority and faults from scratch: the base priority and what is active now, never what was before, so that nothing
 * accumulates. The sum is kept within 1 to 254, the owner's 255 is not touched by any weight; weight 0 means a fault.
 * `otherFaults` are those that are no matter of tracking (the own interface, addresses, peers).
 */
export function assess(
  instance: { readonly basePriority: number; readonly tracks: Tracks },
  /** What its sync group tracks. */
  group: Tracks | null,
  tracked: ValueOf,
  otherFaults: readonly Fault[] = [],
): Standing {
  const contributions: Contribution[] = [];
  const faults: Fault[] = [...otherFaults];
  const seen = new Set<string>();
  let priority = instance.basePriority;
  const sets = group === null ? [instance.tracks] : [instance.tracks, group];
  for (const tracks of sets) {
    const ofGroup = tracks === group;
    for (const [list, kind] of kinds) {
      for (const track of tracks[list]) {
        const id = `${ofGroup ? "group" : "instance"} ${kind} ${track.name}`;
        if (seen.has(id)) continue;
        seen.add(id);
        const source = { kind, name: track.name };
        const value = tracked(source);
        const fault = faultOf(source, track, value);
        if (fault !== null) faults.push(fault);
        if (track.weight === 0) continue;
        const adds = instance.basePriority === OWNER_PRIORITY || fault !== null ? 0 : addsOf(track, value);
        priority += adds;
        const { weight, reverse } = track;
        contributions.push({ source, weight, reverse, ofGroup, active: adds !== 0, adds });
      }
    }
  }
  return { basePriority: instance.basePriority, priority: clamped(priority, instance), contributions, faults };
}

/** What is told late: a program has to end, or checks to begin. The others are known from the first look on. */
const toldLate = kinds.filter(([, kind]) => kind === "script" || kind === "virtual_server");

/** What may yet turn out to be a fault of an instance, as it begins; null: nothing. */
export function undecided(sets: readonly (Tracks | null)[], tracked: ValueOf): TrackSource | null {
  for (const tracks of sets) {
    for (const [list, kind] of tracks === null ? [] : toldLate) {
      const track = tracks?.[list].find(({ name, weight }) => weight === 0 && tracked({ kind, name }) === null);
      if (track !== undefined) return { kind, name: track.name };
    }
  }
  return null;
}

function clamped(priority: number, { basePriority }: { readonly basePriority: number }): number {
  return basePriority === OWNER_PRIORITY ? OWNER_PRIORITY : Math.min(254, Math.max(1, priority));
}

/** Weight 0: bad is a fault, with reverse good is. */
function faultOf(source: TrackSource, { weight, reverse }: Track, value: TrackedValue | null): Fault | null {
  if (value === null) return null;
  if (weight === 0) {
    const isGood = typeof value === "number" ? value === 0 : value === "up";
    return isGood === reverse ? { kind: "track", source, reverse } : null;
  }
  if (typeof value !== "number") return null;
  const result = product(value, weight, reverse);
  return result < LOWEST_FILE_RESULT ? { kind: "file_below_limit", name: source.name, result } : null;
}

/**
 * A positive weight counts while up, a negative one while down; reverse turns the sign of what is added (seen with
 * keepalived 2.2.7: weight 10 reverse of a good script is -10, weight -10 reverse of a bad one is +10).
 */
function addsOf({ weight, reverse }: Track, value: TrackedValue | null): number {
  if (value === null) return 0;
  if (typeof value === "number") return product(value, weight, reverse);
  const counts = weight > 0 ? value === "up" : value === "down";
  return counts ? product(1, weight, reverse) : 0;
}

function product(value: number, weight: number, reverse: boolean): number {
  // Adding 0 turns a negative zero into zero.
  return value * weight * (reverse ? -1 : 1) + 0;
}
