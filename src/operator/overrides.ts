import { endpointText } from "ipvs-netlink";
import type { Model } from "../config/model.ts";
import { type AdminState, type Override, realServerKey } from "../director/facts.ts";

export type OverrideSetting =
  | { readonly kind: "admin_state"; readonly adminState: AdminState }
  | { readonly kind: "weight"; readonly weight: number };

/** What an operator said of a real server. Lists of them are in the order in which they were said: of those that have not ended the last counts. */
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

type Place = Pick<OperatorOverride, "virtualServer" | "realServer">;

/** When an override ends, in ms of some clock; null: it does not. */
export type EndOf = (override: OperatorOverride) => number | null;

/**
 * The overrides after `next` was said. It replaces what was said of the same place, and of every place inside it, but for what ends later:
 * that counts again when `next` has ended.
 */
export function withOverride(
  overrides: readonly OperatorOverride[],
  next: OperatorOverride,
  endOf: EndOf,
): OperatorOverride[] {
  const endMs = (each: OperatorOverride) => endOf(each) ?? Number.POSITIVE_INFINITY;
  return [...overrides.filter((each) => !covers(next, each) || endMs(each) > endMs(next)), next];
}

/** The overrides after every weight that was said of a place, and of every place inside it, was taken back. */
export function withoutWeight(overrides: readonly OperatorOverride[], place: Place): OperatorOverride[] {
  return overrides.filter((each) => each.setting.kind !== "weight" || !isInside(each, place));
}

/**
 * The overrides after "drained" or "disabled" was taken back at the place of `exception`. Where it still counts there (a real server is
 * drained everywhere, and enabled again in one virtual server), `exception` is kept, with what was said there otherwise.
 */
export function withoutAdminState(
  overrides: readonly OperatorOverride[],
  adminState: "drained" | "disabled",
  exception: OperatorOverride,
): OperatorOverride[] {
  const left = withoutIdle(overrides.filter((each) => stateOf(each) !== adminState || !isInside(each, exception)));
  if (adminStateAt(left, exception) !== adminState) return left;
  const otherwise = adminStateAt(
    left.filter((each) => stateOf(each) !== adminState),
    exception,
  );
  return [...left, { ...exception, setting: { kind: "admin_state", adminState: otherwise } }];
}

/** Those that do not end by then, and those that do. */
export function expired(
  overrides: readonly OperatorOverride[],
  nowMs: number,
  endOf: EndOf,
): { readonly left: OperatorOverride[]; readonly ended: OperatorOverride[] } {
  const isOver = (override: OperatorOverride) => (endOf(override) ?? Number.POSITIVE_INFINITY) <= nowMs;
  return { left: withoutIdle(overrides.filter((each) => !isOver(each))), ended: overrides.filter(isOver) };
}

/** When the next one ends; null if none does. */
export function nextExpiry(overrides: readonly OperatorOverride[], endOf: EndOf): number | null {
  const ends = overrides.flatMap((each) => endOf(each) ?? []);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** What counts for one real server of one virtual server. */
export function overridesAt(overrides: readonly OperatorOverride[], place: Place): OperatorOverride[] {
  const here = overrides.filter((each) => isInside(place, each));
  return (["admin_state", "weight"] as const).flatMap(
    (kind) => here.findLast(({ setting }) => setting.kind === kind) ?? [],
  );
}

/** What operators want of a real server of one virtual server, or everywhere. */
export function adminStateAt(overrides: readonly OperatorOverride[], place: Place): AdminState {
  const [first] = overridesAt(overrides, place);
  return (first && stateOf(first)) ?? "enabled";
}

/** What counts at `place` when `override`, which counts there, has ended; null: nobody said more. */
export function nextAfter(
  overrides: readonly OperatorOverride[],
  override: OperatorOverride,
  place: Place,
): OperatorOverride | null {
  const before = overrides.slice(0, overrides.indexOf(override));
  return before.findLast((each) => each.setting.kind === override.setting.kind && isInside(place, each)) ?? null;
}

/** Those that count somewhere: no later one stands over them for a while. */
export function uncovered(overrides: readonly OperatorOverride[]): OperatorOverride[] {
  return [...Map.groupBy(overrides, ({ realServer }) => realServer).values()].flatMap((here) =>
    here.filter((each, index) => !here.slice(index + 1).some((later) => covers(later, each))),
  );
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

/** Whether all that `each` is about is also about `wide`. */
function covers(wide: OperatorOverride, each: OperatorOverride): boolean {
  return each.setting.kind === wide.setting.kind && isInside(each, wide);
}

function isInside(place: Place, wide: Place): boolean {
  return (
    place.realServer === wide.realServer && (wide.virtualServer === null || wide.virtualServer === place.virtualServer)
  );
}

function stateOf({ setting }: OperatorOverride): AdminState | null {
  return setting.kind === "admin_state" ? setting.adminState : null;
}

/** An exception ("enabled" in one virtual server) ends with what it is an exception of. */
function withoutIdle(overrides: readonly OperatorOverride[]): OperatorOverride[] {
  return overrides.filter((each) => stateOf(each) !== "enabled" || nextAfter(overrides, each, each) !== null);
}
