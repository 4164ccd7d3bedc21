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

/** Sets the pattern of core dumps of the whole machine (-M); the answer restores what was there. */
export function setCorePattern(pattern: string, log: Logger, file = patternFile): () => void {
  try {
    const before = readFileSync(file, "utf8");
    writeFileSync(file, pattern);
    return () => {
      try {
        writeFileSync(file, before);
      } catch (error) {
        log.warning(`${file} cannot be restored: ${(error as Error).message}`);
      }
    };
  } catch (error) {
    log.warning(`${file} cannot be set: ${(error as Error).message}`);
    return () => {};
  }
}
