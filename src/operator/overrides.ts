import { endpointText } from "ipvs-netlink";
import type { Model } from "../config/model.ts";
import { type AdminState, type Override, realServerKey } from "../director/facts.ts";

export type OverrideSetting =
  | { readonly kind: "admin_state"; readonly adminState: AdminState }
  | { readonly kind: "weight"; readonly weight: number };

/** What an operator said of a real server. Per place and kind there is one. */
export interface OperatorOverride {
  /** Null: in every virtual server that has the real server. */
  readonly virtualServer: string | null;
  /** "10.0.0.11:80", "[2001:db8::11]:80". */
  readonly realServer: string;
  readonly setting: OverrideSetting;
  /** Who asked for it: a user's name, or what is known of the process. */
  readonly setBy: string;
  readonly setAtEpochMs: number;
  /** Null: until somebody takes it back. */
  readonly expiresAtEpochMs: number | null;
}

type Kind = OverrideSetting["kind"];
type Place = Pick<OperatorOverride, "virtualServer" | "realServer">;

/** The overrides after `next` was said: it replaces what was said of the same place, and of every place inside it. */
export function withOverride(overrides: readonly OperatorOverride[], next: OperatorOverride): OperatorOverride[] {
  return [...outside(overrides, next, next.setting.kind), next];
}

/**
 * The overrides after one was taken back. Where a wider one remains (a real server is drained everywhere, and enabled again in one
 * virtual server), `exception` is kept instead: what counts there.
 */
export function withoutOverride(
  overrides: readonly OperatorOverride[],
  exception: OperatorOverride,
): OperatorOverride[] {
  const { virtualServer, realServer, setting } = exception;
  const left = outside(overrides, exception, setting.kind);
  const isWider = left.some(
    (each) => each.realServer === realServer && each.virtualServer === null && each.setting.kind === setting.kind,
  );
  return isWider && virtualServer !== null && setting.kind === "admin_state" ? [...left, exception] : left;
}

/** When an override ends, in ms of some clock; null: it does not. */
export type EndOf = (override: OperatorOverride) => number | null;

/** Those that do not end by then, and those that do. */
export function expired(
  overrides: readonly OperatorOverride[],
  nowMs: number,
  endOf: EndOf,
): { readonly left: OperatorOverride[]; readonly ended: OperatorOverride[] } {
  const isOver = (override: OperatorOverride) => (endOf(override) ?? Number.POSITIVE_INFINITY) <= nowMs;
  return { left: overrides.filter((each) => !isOver(each)), ended: overrides.filter(isOver) };
}

/** When the next one ends; null if none does. */
export function nextExpiry(overrides: readonly OperatorOverride[], endOf: EndOf): number | null {
  const ends = overrides.flatMap((each) => endOf(each) ?? []);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** What counts for one real server of one virtual server: what was said of just this place goes before what was said of all. */
export function overridesAt(overrides: readonly OperatorOverride[], { virtualServer, realServer }: Place) {
  const here = overrides.filter((each) => each.realServer === realServer);
  const find = (kind: Kind) =>
    here.find((each) => each.virtualServer === virtualServer && each.setting.kind === kind) ??
    here.find((each) => each.virtualServer === null && each.setting.kind === kind);
  return [find("admin_state"), find("weight")].flatMap((each) => each ?? []);
}

/** For the director, by `realServerKey`. */
export function effectiveOverrides(overrides: readonly OperatorOverride[], model: Model): Map<string, Override> {
  const effective = new Map<string, Override>();
  if (overrides.length === 0) return effective;
  const byRealServer = Map.groupBy(overrides, ({ realServer }) => realServer);
  for (const { name, realServers } of model.virtualServers) {
    for (const { destination } of realServers) {
      const realServer = endpointText(destination);
      const here = overridesAt(byRealServer.get(realServer) ?? [], { virtualServer: name, realServer });
      if (here.length === 0) continue;
      const override: { -readonly [K in keyof Override]: Override[K] } = { adminState: null, weight: null };
      for (const { setting } of here) {
        if (setting.kind === "admin_state") override.adminState = setting.adminState;
        else override.weight = setting.weight;
      }
      effective.set(realServerKey(name, destination), override);
    }
  }
  return effective;
}

function outside(overrides: readonly OperatorOverride[], { virtualServer, realServer }: Place, kind: Kind) {
  return overrides.filter(
    (each) =>
      each.realServer !== realServer ||
      each.setting.kind !== kind ||
      (virtualServer !== null && each.virtualServer !== virtualServer),
  );
}
