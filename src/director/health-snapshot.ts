import { createHash } from "node:crypto";
import { type CheckState, type Said, saidOf, type Verdict } from "@lbctl/checkers";
import { endpointText } from "ipvs-netlink";
import { isObject } from "../files/is-object.ts";
import type { Decided } from "./desired-table.ts";
import { type Destinations, evidenceOf } from "./evidence.ts";
import { realServerKey } from "./facts.ts";
import type { Inheritance } from "./seed.ts";

/**
 * What a successor needs to go on as if nothing had happened. Check keys are long (all settings of a check), so the record
 * names checks by digest; the verdict is kept where it explains something, of a check that is down.
 */
export interface HealthSnapshot {
  readonly checks: readonly CheckRow[];
  /** Real servers that were in the table as their health demands, by `realServerKey`: of these the table is the newer witness. */
  readonly settled: readonly string[];
  /** Real servers that were not: something was still to be written, or somebody had intervened. Of one in neither list we knew nothing. */
  readonly unsettled: readonly string[];
  /** Virtual servers whose quorum was met; a hysteresis needs to know. */
  readonly quorumMet: readonly string[];
}

/** Digest of the check key, health, since (epoch ms), failures, verdict, and what else is known, if anything is. */
type CheckRow = readonly [string, "up" | "down", number, number, Verdict | null, Further?];

/** What the check said last, and when it came up from down. */
type Further = Said & Pick<CheckState, "recoveredEpochMs">;

/** `destinationsOf` is the table as last written or read. */
export function toSnapshot(
  checks: ReadonlyMap<string, CheckState>,
  decided: readonly Decided[],
  destinationsOf: Destinations,
): HealthSnapshot {
  const rows: CheckRow[] = [];
  for (const [key, { health, sinceEpochMs, failures, verdict, ...rest }] of checks) {
    if (health === "unknown") continue;
    const row = [digest(key), health, sinceEpochMs, failures, health === "down" ? verdict : null] as const;
    const further = furtherOf(rest);
    rows.push(Object.keys(further).length === 0 ? row : [...row, further]);
  }
  const evidence = decided.flatMap((one) => agreements(one, destinationsOf));
  const quorumMet = decided.map(({ decision }) => decision).filter(({ quorum }) => quorum.met && quorum.hysteresis > 0);
  return {
    checks: rows,
    settled: evidence.filter(({ agrees }) => agrees).map(({ key }) => key),
    unsettled: evidence.filter(({ agrees }) => !agrees).map(({ key }) => key),
    quorumMet: quorumMet.map(({ name }) => name),
  };
}

/** Of each real server, by `realServerKey`, whether it is in the table as its health demands. */
function agreements({ virtualServer, decision }: Decided, destinationsOf: Destinations) {
  const healths = new Map(decision.realServers.map((one) => [endpointText(one), one.health]));
  return evidenceOf(virtualServer, destinationsOf).map(({ realServer, present }) => ({
    key: realServerKey(virtualServer.name, realServer.destination),
    agrees: healths.get(endpointText(realServer.destination)) === (present ? "up" : "down"),
  }));
}

/** What a successor with these checks inherits. */
export function fromSnapshot(
  snapshot: HealthSnapshot,
  checkKeys: Iterable<string>,
): NonNullable<Inheritance["snapshot"]> {
  const { settled, unsettled } = snapshot;
  return { checks: checkStatesOf(snapshot, checkKeys), settled: new Set(settled), unsettled: new Set(unsettled) };
}

/** The recorded states of these checks; checks that the record does not know are absent. */
export function checkStatesOf(snapshot: HealthSnapshot, checkKeys: Iterable<string>): Map<string, CheckState> {
  const byDigest = new Map(snapshot.checks.map((row) => [row[0], row]));
  const states = new Map<string, CheckState>();
  for (const key of checkKeys) {
    const row = byDigest.get(digest(key));
    if (row === undefined) continue;
    const [, health, sinceEpochMs, failures, verdict, further = {}] = row;
    states.set(key, {
      health,
      sinceEpochMs,
      failures,
      verdict,
      checkedEpochMs: null,
      ...further,
    });
  }
  return states;
}

/** The record as read from disk. Throws a sentence at anything that we would not have written. */
export function parseHealthSnapshot(content: unknown): HealthSnapshot {
  if (!isObject(content)) throw new Error("no health snapshot");
  const { checks, settled, unsettled, quorumMet } = content;
  if (!Array.isArray(checks) || !checks.every(isCheckRow)) throw new Error("not a list of check states");
  if (!isTexts(settled) || !isTexts(unsettled)) throw new Error("not a list of real servers");
  if (!isTexts(quorumMet)) throw new Error("not a list of virtual servers");
  return { checks, settled, unsettled, quorumMet };
}

function furtherOf(state: Further): Further {
  const { recoveredEpochMs } = state;
  return { ...saidOf(state), ...(recoveredEpochMs === undefined ? {} : { recoveredEpochMs }) };
}

function isFurther(value: unknown): value is Further {
  if (!isObject(value)) return false;
  const { mode, ...numbers } = value;
  const known = ["weight", "weightPercent", "weightAdds", "recoveredEpochMs"];
  const all = Object.entries(numbers).every(([name, number]) => known.includes(name) && Number.isFinite(number));
  return all && (mode === undefined || mode === "drain" || mode === "maint");
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isCheckRow(row: unknown): row is CheckRow {
  if (!Array.isArray(row) || row.length < 5 || row.length > 6) return false;
  const [key, health, sinceEpochMs, failures, verdict, further] = row as unknown[];
  return (
    typeof key === "string" &&
    (health === "up" || health === "down") &&
    Number.isFinite(sinceEpochMs) &&
    Number.isInteger(failures) &&
    (further === undefined || isFurther(further)) &&
    (verdict === null || (isObject(verdict) && verdict.ok === false && isObject(verdict.reason)))
  );
}

function digest(checkKey: string): string {
  return createHash("sha1").update(checkKey).digest("base64url");
}
