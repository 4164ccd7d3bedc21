import type { Check } from "@lbctl/checkers";
import { inheritable } from "../keywords/checkers.ts";
import type { WrittenRealServer } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import { inherited, toldTiming } from "./check-timing.ts";
import type { CheckerContext } from "./checker-context.ts";
import type { Problem } from "./problem.ts";
import { namesHint } from "./vrrp/tracks.ts";

/** The BFD_CHECKs of a real server: told of a session, not run, so that of all timing they have only alpha. */
export function expandBfdChecks(
  written: WrittenRealServer["BFD_CHECK"],
  { address, port, logAllFailures, levels, surroundings: { bfd } }: CheckerContext,
  path: Path,
  problems: Problem[],
): Check[] {
  const seen = new Set<string>();
  return (written ?? []).map((checker, index): Check => {
    const { name: session } = checker;
    const at = [...path, "BFD_CHECK", index, "name"];
    if (seen.size === seen.add(session).size) {
      const message = `the real server has a BFD_CHECK of ${session} already`;
      problems.push({ path: at, code: "duplicate-reference", message, hint: "keep one of them" });
    } else if (bfd !== null && bfd.get(session)?.checker !== true) {
      const isThere = bfd.has(session);
      const message = isThere ? `bfd_instance ${session} tells VRRP only` : `there is no bfd_instance ${session}`;
      const hint = isThere ? 'take "vrrp" out of it, or add "checker"' : namesHint("bfd_instance", bfd);
      problems.push({ path: at, code: "unknown-reference", message, hint });
    }
    return {
      spec: {
        type: "BFD_CHECK",
        connect: { address, port, bindto: null, bindPort: null, bindIf: null, fwmark: null },
        session,
      },
      timing: toldTiming,
      alpha: inherited([checker, ...levels], "alpha") ?? inheritable.alpha.row.default,
      logAllFailures,
    };
  });
}
