import type { Problem } from "../expand/problem.ts";
import type { Config } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import type { Model } from "../model.ts";
import type { Span } from "../source.ts";
import type { VrrpModel } from "../vrrp-model.ts";
import type { HostFacts } from "./host-facts.ts";
import type { Peer } from "./peers.ts";

/** What lints look at. What has errors is null in the Config and not in the Model. */
export interface LintContext {
  readonly config: Config;
  readonly model: Model;
  readonly vrrp: VrrpModel;
  /** Null when nothing is to be said that is true of this host only. */
  readonly host: HostFacts | null;
  /** What the other routers make of the same file, where it has lines for each. */
  readonly peers: readonly Peer[];
  /** Where the words of a path were written. */
  readonly locate: (path: Path) => Span | null;
}

/** Looks for one kind of mistake that is legal. Pure, and linear in the size of the configuration. */
export type Lint = (context: LintContext) => Iterable<Problem>;
