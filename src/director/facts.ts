import type { CheckState } from "@lbctl/checkers";
import { type DestinationKey, endpointText } from "ipvs-netlink";

/** What the operator wants of a real server, whatever its health. */
export type AdminState = "enabled" | "disabled" | "drained";

export interface Override {
  /** Null: nothing was said of it, and an agent may. */
  readonly adminState: AdminState | null;
  /** Replaces the configured weight; null keeps it. */
  readonly weight: number | null;
}

/** Everything outside the configuration that decides what the table holds. */
export interface Facts {
  /** By check key; a check without an entry has not run yet. */
  readonly checks: ReadonlyMap<string, CheckState>;
  /** By `realServerKey`; a real server without an entry is enabled with its configured weight. */
  readonly overrides: ReadonlyMap<string, Override>;
  /** By virtual server: what a predecessor of this process had decided. Used where there is no previous decision. */
  readonly inheritedQuorum: ReadonlyMap<string, boolean>;
}

export const noFacts: Facts = { checks: new Map(), overrides: new Map(), inheritedQuorum: new Map() };

/** Identity of a real server across reloads and restarts: "web 10.0.0.11:80". */
export function realServerKey(virtualServer: string, realServer: DestinationKey): string {
  return `${virtualServer} ${endpointText(realServer)}`;
}
