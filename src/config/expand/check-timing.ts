import type { CheckTiming } from "@lbctl/checkers";
import { inheritable } from "../keywords/checkers.ts";
import type { WrittenRealServer } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import type { Problem } from "./problem.ts";

/** A checker, a real server or a virtual server: what each inner one takes from those around it. */
export type Inherited = Pick<WrittenRealServer, keyof typeof inheritable | "virtualhost">;

/** What holds for a type of checker where nothing is written. */
export interface TypeDefaults {
  readonly retry: number;
  readonly delayBeforeRetryMs: number | "delay_loop";
}

/** When a check runs. `levels` from the checker outwards; `path` is the checker's. */
export function expandTiming(
  levels: readonly Inherited[],
  defaults: TypeDefaults,
  path: Path,
  problems: Problem[],
): CheckTiming {
  const delayLoopMs = inherited(levels, "delay_loop") ?? inheritable.delay_loop.row.default;
  const ownDelayMs = defaults.delayBeforeRetryMs === "delay_loop" ? delayLoopMs : defaults.delayBeforeRetryMs;
  const rise = inherited(levels, "rise") ?? inheritable.rise.row.default;
  const fastIntervalMs = inherited(levels, "fast_interval");
  return {
    delayLoopMs,
    connectTimeoutMs: inherited(levels, "connect_timeout") ?? inheritable.connect_timeout.row.default,
    retry: expandRetry(levels, path, problems) ?? defaults.retry,
    delayBeforeRetryMs: inherited(levels, "delay_before_retry") ?? ownDelayMs,
    warmupMs: inherited(levels, "warmup") ?? delayLoopMs,
    // Left out where they change nothing: timing is part of every check's key.
    ...(rise === 1 ? {} : { rise }),
    ...(fastIntervalMs === undefined ? {} : { fastIntervalMs }),
  };
}

/** fall says the same as retry, one higher: the innermost of both counts. */
function expandRetry(levels: readonly Inherited[], path: Path, problems: Problem[]): number | undefined {
  const level = levels.find(({ fall, retry }) => fall !== undefined || retry !== undefined);
  if (level?.fall === undefined) return level?.retry;
  if (level.retry !== undefined) {
    const message = `fall ${level.fall} and retry ${level.retry} say the same thing in two ways`;
    const hint = `fall ${level.fall} is retry ${level.fall - 1}: leave one of them out`;
    problems.push({ path: originOf(levels, "fall", path), code: "conflicting-keywords", message, hint });
  }
  return level.fall - 1;
}

/** The innermost level's word counts. */
export function inherited<K extends keyof Inherited>(levels: readonly Inherited[], name: K): Inherited[K] | undefined {
  return levels.find((level) => level[name] !== undefined)?.[name];
}

/** Warns of checks that may last longer than the time between them. */
export function checkInterval(
  levels: readonly Inherited[],
  { delayLoopMs, connectTimeoutMs }: CheckTiming,
  path: Path,
  problems: Problem[],
): void {
  if (delayLoopMs >= connectTimeoutMs) return;
  const message = `checks are ${seconds(delayLoopMs)} apart and each may take ${seconds(connectTimeoutMs)}`;
  const at = originOf(levels, "delay_loop", path);
  problems.push({ path: at, code: "interval-below-timeout", message, hint: "lower connect_timeout below delay_loop" });
}

/** Where an inherited setting was written: each level up is one block further out in the path. */
function originOf(levels: readonly Inherited[], name: keyof Inherited, path: Path): Path {
  const level = levels.findIndex((each) => each[name] !== undefined);
  return level < 0 ? path : [...path.slice(0, path.length - 2 * level), name];
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

/** Of checks that are told at once: nothing is ever due, and nothing is tried again. */
export const toldTiming: CheckTiming = {
  delayLoopMs: 0,
  connectTimeoutMs: 0,
  retry: 0,
  delayBeforeRetryMs: 0,
  warmupMs: 0,
};
