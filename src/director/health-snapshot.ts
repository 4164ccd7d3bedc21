import { createHash } from "node:crypto";
import type { CheckState, Verdict } from "@lbctl/checkers";
import { endpointText } from "ipvs-netlink";
import { isObject } from "../files/is-object.ts";
import type { Decided } from "./desired-table.ts";
import { type Destinations, evidenceOf } from "./evidence.ts";
import { realServerKey } from "./facts.ts";

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

/** Digest of the check key, health, since (epoch ms), failures, verdict, and the weight if it said one. */
type CheckRow = readonly [string, "up" | "down", number, number, Verdict | null, number?];

/** `destinationsOf` is the table as last written or read. */
export function toSnapshot(
  checks: ReadonlyMap<string, CheckState>,
  decided: readonly Decided[],
  destinationsOf: Destinations,
): HealthSnapshot {
  const rows: CheckRow[] = [];
  for (const [key, { health, sinceEpochMs, failures, verdict, weight }] of checks) {
    if (health === "unknown") continue;
    const row = [digest(key), health, sinceEpochMs, failures, health === "down" ? verdict : null] as const;
    rows.push(weight === undefined ? row : [...row, weight]);
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

/** The recorded states of these checks; checks that the record does not know are absent. */
export function checkStatesOf(snapshot: HealthSnapshot, checkKeys: Iterable<string>): Map<string, CheckState> {
  const byDigest = new Map(snapshot.checks.map((row) => [row[0], row]));
  const states = new Map<string, CheckState>();
  for (const key of checkKeys) {
    const row = byDigest.get(digest(key));
    if (row === undefined) continue;
    const [, health, sinceEpochMs, failures, verdict, weight] = row;
    states.set(key, {
      health,
      sinceEpochMs,
      failures,
      verdict,
      checkedEpochMs: null,
      ...(weight === undefined ? {} : { weight }),
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

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isCheckRow(row: unknown): row is CheckRow {
  if (!Array.isArray(row) || row.length < 5 || row.length > 6) return false;
  const [key, health, sinceEpochMs, failures, verdict, weight] = row as unknown[];
  return (
    typeof key === "string" &&
    (health === "up" || health === "down") &&
    Number.isFinite(sinceEpochMs) &&
    Number.isInteger(failures) &&
    (weight === undefined || Number.isInteger(weight)) &&
    (verdict === null || (isObject(verdict) && verdict.ok === false && isObject(verdict.reason)))
  );
}

function digest(checkKey: string): string {
  return createHash("sha1").update(checkKey).digest("base64url");
}
