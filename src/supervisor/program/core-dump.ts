import { readFileSync, writeFileSync } from "node:fs";
import { native } from "ipvs-netlink";
import type { Logger } from "../../log/logger.ts";

/** asm-generic/resource.h. */
const RLIMIT_CORE = 4;
const patternFile = "/proc/sys/kernel/core_pattern";

/** This process and its children may leave a core dump of any size (-m). */
export function allowCoreDumps(log: Logger): void {
  const answer = native().setResourceLimit(RLIMIT_CORE, -1, -1);
  if (answer < 0) log.warning(`core dumps stay as large as they may be: setrlimit failed with ${-answer}`);
}

/** The pattern of core dumps of the whole machine (-M) while a director runs. */
export interface CorePattern {
  /** What was there before the first director; null: it is not ours to restore. */
  readonly before: string | null;
  restore(): void;
}

/**
 * Sets the pattern. A successor leaves the one that its predecessor has set and goes on from what that found (`inherited`): the last one
 * restores it.
 */
export function setCorePattern(
  pattern: string,
  log: Logger,
  inherited: string | null = null,
  file = patternFile,
): CorePattern {
  if (inherited !== null) return restoring(inherited, log, file);
  try {
    const before = readFileSync(file, "utf8");
    writeFileSync(file, pattern);
    return restoring(before, log, file);
  } catch (error) {
    log.warning(`${file} cannot be set: ${(error as Error).message}`);
    return { before: null, restore: () => {} };
  }
}

function restoring(before: string, log: Logger, file: string): CorePattern {
  const restore = () => {
    try {
      writeFileSync(file, before);
    } catch (error) {
      log.warning(`${file} cannot be restored: ${(error as Error).message}`);
    }
  };
  return { before, restore };
}
