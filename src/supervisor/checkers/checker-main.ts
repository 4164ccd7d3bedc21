import { hearSupervisor } from "../children/hear-supervisor.ts";
import { setProcessTitle } from "../children/process-title.ts";
import { hideCompileCache } from "../program/compile-cache.ts";
import { leaveSignalsToSupervisor } from "../program/signals.ts";
import { CheckerProcess, type SendToSupervisor } from "./checker-process.ts";
import type { ToChecker } from "./messages.ts";

/**
 * The checker process: probes, and the only writer of the table. It ends when the supervisor tells it to, and at once when the
 * supervisor is gone; the table stays for the successor.
 */
setProcessTitle("checker");
hideCompileCache();
leaveSignalsToSupervisor();
process.on("disconnect", () => process.exit(0));

const send: SendToSupervisor = (message, onTaken) => {
  // Without a supervisor there is nobody to tell; "disconnect" ends this process.
  process.send?.(message, undefined, undefined, () => onTaken?.());
};
const checker = new CheckerProcess(send);
hearSupervisor<ToChecker>((message) => void checker.receive(message));
