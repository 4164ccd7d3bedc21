import type { Problem } from "../expand/problem.ts";
import { addresses } from "./addresses.ts";
import { elections } from "./elections.ts";
import { hashSchedulers } from "./hash-schedulers.ts";
import { interfaces } from "./interfaces.ts";
import { keyFiles } from "./key-files.ts";
import type { Lint, LintContext } from "./lint.ts";
import { natNetwork } from "./nat-network.ts";
import { passwords } from "./passwords.ts";
import { preemption } from "./preemption.ts";
import { scripts } from "./scripts.ts";
import { strictMode } from "./strict-mode.ts";
import { syncDaemon } from "./sync-daemon.ts";
import { unicast } from "./unicast.ts";
import { virtualRouters } from "./virtual-routers.ts";
import { weights } from "./weights.ts";

const lints: readonly Lint[] = [
  hashSchedulers,
  natNetwork,
  addresses,
  virtualRouters,
  preemption,
  weights,
  elections,
  interfaces,
  unicast,
  strictMode,
  passwords,
  keyFiles,
  syncDaemon,
  scripts,
];

/** Everything that the lints have to say. */
export function lint(context: LintContext): Problem[] {
  return lints.flatMap((each) => [...each(context)]);
}
