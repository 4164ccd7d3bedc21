import type { Problem } from "../expand/problem.ts";
import type { Config } from "../keywords/table.ts";
import { instancesOf, isInet6, OWNER_PRIORITY, priorityOf, type WrittenInstance } from "./instances.ts";
import type { LintContext } from "./lint.ts";
import { weightedTracks } from "./tracks.ts";

/** Who becomes master, where one file is that of several routers: it then tells the priorities of all. */
export function* elections({ config, peers }: LintContext): Iterable<Problem> {
  if (peers.length === 0) return;
  for (const { written, path } of instancesOf(config)) {
    const rivals = peers.flatMap(({ id, config: theirs }) => {
      const rival = rivalOf(written, theirs);
      return rival === null ? [] : [{ id, written: rival, range: rangeOf(theirs, rival) }];
    });
    const own = priorityOf(written);
    const equal = rivals.find((rival) => priorityOf(rival.written) === own);
    if (equal !== undefined && written.priority !== undefined) {
      yield {
        path: [...path, "priority"],
        code: "equal-priorities",
        message: `${written.name} has the priority ${own} for @${equal.id}, too: the router with the higher address is master`,
        hint: "write another priority on each router",
      };
    }
    const range = rangeOf(config, written);
    if (range === null || range.least === range.most) continue;
    // Ranges that overlap with that of any rival mean that tracking can decide.
    const [best] = rivals.toSorted((a, b) => priorityOf(b.written) - priorityOf(a.written));
    if (best === undefined || rivals.some((rival) => rival.range === null || rival.range.most >= range.least)) continue;
    const [track] = weightedTracks(config, written);
    const reached = best.range === null || best.range.most === priorityOf(best.written) ? "" : ", at best";
    yield {
      path: [...path, track?.keyword ?? "priority"],
      code: "weight-without-effect",
      message: `the weights decide nothing: with everything bad ${written.name} has ${range.sum}, still above the ${best.range?.most} that @${best.id} has${reached}`,
      hint: "weights must outweigh the difference of the priorities",
    };
  }
}

/** The instance of the other router that is the same virtual router; null when there is none, or more than one. */
function rivalOf(own: WrittenInstance, config: Config): WrittenInstance | null {
  if (own.virtual_router_id === undefined) return null;
  const same = instancesOf(config).filter(
    ({ written }) => written.virtual_router_id === own.virtual_router_id && isInet6(written) === isInet6(own),
  );
  const [only] = same.length > 1 ? same.filter(({ written }) => written.name === own.name) : same;
  return only?.written ?? null;
}

interface PriorityRange {
  readonly least: number;
  readonly most: number;
  /** How the least comes about: 101 - 5 = 96. */
  readonly sum: string;
}

/** Between which priorities tracking moves an instance; null when nobody can tell, as with the number in a track_file. */
function rangeOf(config: Config, written: WrittenInstance): PriorityRange | null {
  const priority = priorityOf(written);
  const tracks = priority === OWNER_PRIORITY ? [] : weightedTracks(config, written);
  const changes = tracks.map(({ change }) => change);
  if (changes.some((change) => change === null)) return null;
  const add = (pick: (...values: number[]) => number) =>
    changes.reduce((sum, change) => sum + pick(change?.good ?? 0, change?.bad ?? 0), priority);
  const clamp = (value: number) => (priority === OWNER_PRIORITY ? value : Math.min(254, Math.max(1, value)));
  const least = add(Math.min);
  const sum = least === priority ? `${priority}` : `${priority} - ${priority - least} = ${least}`;
  return { least: clamp(least), most: clamp(add(Math.max)), sum };
}
