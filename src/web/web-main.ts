import { setPriority } from "node:os";
import { hearSupervisor } from "../supervisor/children/hear-supervisor.ts";
import { setProcessTitle } from "../supervisor/children/process-title.ts";
import { settleCompileCache } from "../supervisor/program/compile-cache.ts";
import { leaveSignalsToSupervisor } from "../supervisor/program/signals.ts";
import type { FromWeb, ToWeb } from "./told.ts";
import { WebProcess } from "./web-process.ts";

/**
 * The web process: metrics and the status page. Whatever is asked of it, adverts, checks and the table are the business of others, and
 * come first: it yields the processor to them.
 */
const niceness = 10;

setProcessTitle("web");
settleCompileCache();
leaveSignalsToSupervisor();
try {
  setPriority(niceness);
} catch {
  // A sandbox may forbid it; then it is a process as any other.
}

const send = (message: FromWeb): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
};
const web = new WebProcess(send);
process.on("disconnect", () => process.exit(0));
hearSupervisor<ToWeb>((message) => web.receive(message));
