import type { Check } from "@lbctl/checkers";
import type { WrittenFileCheck } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import { toldTiming } from "./check-timing.ts";
import type { CheckerContext } from "./checker-context.ts";
import type { Problem } from "./problem.ts";

/** A check that is told what a track_file says; none when no track_file has the name. */
export function expandFileCheck(
  written: WrittenFileCheck,
  { address, port, logAllFailures, surroundings: { trackFiles } }: CheckerContext,
  path: Path,
  problems: Problem[],
): Check[] {
  const file = trackFiles?.get(written.track_file);
  if (file === undefined) {
    if (trackFiles !== null) {
      const message = `there is no track_file ${written.track_file}`;
      problems.push({ path: [...path, "track_file"], code: "unknown-reference", message });
    }
    return [];
  }
  const { weight, reverse } = written.weight ?? file;
  return [
    {
      spec: {
        type: "FILE_CHECK",
        connect: { address, port, bindto: null, bindPort: null, bindIf: null, fwmark: null },
        trackFile: file.name,
        path: file.file,
        weight,
        reverse,
      },
      timing: toldTiming,
      alpha: false,
      logAllFailures,
    },
  ];
}
