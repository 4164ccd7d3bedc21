import { waitedForProcessorMs } from "../../src/supervisor/children/waited-for-processor.ts";

/** How long these processes were ready to run and did not, since they began, ms, together: what a busy machine made them wait. */
export function waitedToRunMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + waitedForProcessorMs(pid), 0);
}
