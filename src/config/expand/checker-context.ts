import type { BfdInstance } from "../bfd-model.ts";
import type { Config, WrittenGlobalDefs } from "../keywords/table.ts";
import type { TrackFile } from "../vrrp-model.ts";
import type { Inherited } from "./check-timing.ts";

/** What a checker takes from the real server and the virtual server around it. */
export interface CheckerContext {
  /** The real server, then the virtual server. */
  readonly levels: readonly Inherited[];
  readonly address: string;
  /** 0 when neither has a port. */
  readonly port: number;
  readonly logAllFailures: boolean;
  readonly surroundings: CheckerSurroundings;
  readonly globals: WrittenGlobalDefs;
}

/** What checkers use that stands outside of the virtual server. */
export interface CheckerSurroundings {
  readonly ssl: Config["SSL"];
  /** By name; null: one of them has errors, and any name may be its. */
  readonly trackFiles: ReadonlyMap<string, TrackFile> | null;
  /** Who is told by the bfd_instances, by their names; null when some have errors, so that not all names are known. */
  readonly bfd: ReadonlyMap<string, BfdInstance["tells"]> | null;
}

export const noSurroundings: CheckerSurroundings = { ssl: {}, trackFiles: new Map(), bfd: null };
