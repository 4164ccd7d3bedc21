import type { WrittenVrrpInstance, WrittenVrrpSyncGroup } from "../../keywords/table.ts";
import type { Tracked, Weight } from "../../keywords/values/weight.ts";
import type { Path } from "../../locate.ts";
import type { Track, Tracks } from "../../vrrp-model.ts";
import type { VrrpContext } from "./context.ts";

/** Weights of what can be tracked, by name. Null where some have errors, so that not all names are known. */
export interface Trackables {
  readonly scripts: ReadonlyMap<string, Weight> | null;
  readonly files: ReadonlyMap<string, Weight> | null;
  readonly processes: ReadonlyMap<string, Weight> | null;
  readonly bfds: ReadonlyMap<string, Weight> | null;
  /** Those that only checkers are told of. */
  readonly bfdsOfCheckers: ReadonlySet<string>;
  readonly virtualServers: ReadonlyMap<string, Weight> | null;
}

const kinds = [
  { keyword: "track_interface", of: "interfaces", block: null },
  { keyword: "track_script", of: "scripts", block: "vrrp_script" },
  { keyword: "track_file", of: "files", block: "track_file" },
  { keyword: "track_process", of: "processes", block: "vrrp_track_process" },
  { keyword: "track_bfd", of: "bfds", block: "bfd_instance" },
  { keyword: "track_virtual_server", of: "virtualServers", block: "virtual_server" },
] as const;

const fault: Weight = { weight: 0, reverse: false };

/** What is tracked, with the weights in force; what is not there or stands there twice is said. */
export function expandTracks(
  written: WrittenVrrpInstance | WrittenVrrpSyncGroup,
  trackables: Trackables,
  path: Path,
  { problems }: VrrpContext,
): Tracks {
  const entries = kinds.map(({ keyword, of, block }) => {
    const seen = new Set<string>();
    const tracks = (written[keyword] ?? []).flatMap((track, word): Track[] => {
      const known = of === "interfaces" ? null : trackables[of];
      const at = { path: [...path, keyword], word };
      if (seen.size === seen.add(track.name).size) {
        const message = `${track.name} is tracked twice`;
        problems.push({ ...at, code: "duplicate-reference", message, hint: "keep one of them" });
        return [];
      }
      if (known !== null && !known.has(track.name)) {
        const isChecked = of === "bfds" && trackables.bfdsOfCheckers.has(track.name);
        const message = isChecked ? `${block} ${track.name} tells checkers only` : `there is no ${block} ${track.name}`;
        const hint = isChecked ? 'take "checker" out of it, or add "vrrp"' : namesHint(`${block}`, known);
        problems.push({ ...at, code: "unknown-reference", message, hint });
        return [];
      }
      return [inForce(track, known?.get(track.name) ?? fault)];
    });
    return [of, tracks];
  });
  return Object.fromEntries(entries) as unknown as Tracks;
}

/** "noreverse" exists because the direction of the tracked thing is inherited, too. */
function inForce({ name, weight, reverse }: Tracked, own: Weight): Track {
  return { name, weight: weight ?? own.weight, reverse: reverse ?? own.reverse };
}

/** Those that may be meant. */
export function namesHint(block: string, known: ReadonlyMap<string, unknown>): string {
  const names = [...known.keys()];
  if (names.length === 0) return `the file has no ${block}`;
  const shown = names.length > 8 ? [...names.slice(0, 8), "..."] : names;
  return `there is ${shown.join(", ")}`;
}

/** All but those that the predicate takes out. */
export function withoutTracks(tracks: Tracks, out: (track: Track, kind: keyof Tracks) => boolean): Tracks {
  const entries = kinds.map(({ of }) => [of, tracks[of].filter((track) => !out(track, of))]);
  return Object.fromEntries(entries) as unknown as Tracks;
}
