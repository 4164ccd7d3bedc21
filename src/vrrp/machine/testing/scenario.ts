import type { AntiReplay } from "../../packet/sequence.ts";
import type { RouterSettings } from "../settings.ts";
import type { Fault } from "../standing.ts";

/** A simulated run: who takes part, what network there is, and what happens. Times in units of the longest advert interval. */
export interface Scenario {
  readonly seed: number;
  /** 1, or 2 in a sync group, each instance with a network of its own. */
  readonly networks: 1 | 2;
  readonly network: NetworkQuality;
  readonly authentication: Authentication;
  readonly nodes: readonly NodePlan[];
  readonly disturbances: readonly Disturbance[];
}

/** What numbers adverts by the wall clock: an authentication header, or a signature with one of its two ways of anti-replay. */
export type Authentication = "none" | "ah" | AntiReplay;

export interface NetworkQuality {
  /** 0 to 1. */
  readonly loss: number;
  readonly duplication: number;
  /** Up to this part of the shortest advert interval, at random: what is sent later may come earlier. */
  readonly delay: number;
}

export interface NodePlan {
  readonly settings: Omit<RouterSettings, "name" | "syncGroup" | "garp">;
  readonly startsAt: number;
  readonly startupDelayMs: number;
}

/** What a reload sets; the interval in version 3 only. */
export type Reloaded = Pick<RouterSettings, "basePriority" | "preempt" | "preemptDelayMs" | "advertMs">;

export type Disturbance = { readonly at: number } & (
  | { readonly kind: "partition"; readonly network: number; readonly sides: readonly number[]; readonly lasts: number }
  /** Not run; packets wait, or are lost as when the whole machine is frozen. */
  | { readonly kind: "stall"; readonly node: number; readonly lasts: number; readonly frozen: boolean }
  /** SIGKILL; a successor that is early enough knows what its predecessor was. */
  | { readonly kind: "kill"; readonly node: number; readonly lasts: number }
  | { readonly kind: "stop"; readonly node: number; readonly lasts: number }
  | { readonly kind: "weight"; readonly node: number; readonly weight: number; readonly lasts: number }
  | {
      readonly kind: "fault";
      readonly node: number;
      readonly network: number;
      readonly fault: Fault;
      readonly lasts: number;
    }
  | { readonly kind: "failover"; readonly node: number }
  /** Hears nothing, and is heard: a link that works one way. */
  | { readonly kind: "deaf"; readonly node: number; readonly lasts: number }
  | { readonly kind: "reload"; readonly node: number; readonly settings: Reloaded }
  /** A reload with another virtual_router_id, or onto another interface, and one that takes it back. */
  | { readonly kind: "move"; readonly node: number; readonly virtualRouterId: number; readonly lasts: number }
  /** A reload without the sync group, and one that brings it back. */
  | { readonly kind: "ungroup"; readonly node: number; readonly lasts: number }
  /** A reload without the second instance of the sync group, and one that brings a new one. */
  | { readonly kind: "shrink"; readonly node: number; readonly lasts: number }
  /** The wall clock is set wrong, and right again. */
  | { readonly kind: "clock"; readonly node: number; readonly byMs: number; readonly lasts: number }
);

/** When the last of it is over. */
export function calmFrom({ disturbances, nodes }: Scenario): number {
  const ends = disturbances.map((one) => one.at + ("lasts" in one ? one.lasts : 0));
  return Math.max(0, ...ends, ...nodes.map(({ startsAt }) => startsAt));
}
