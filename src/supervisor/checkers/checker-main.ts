import { hearSupervisor } from "../children/hear-supervisor.ts";
import { setProcessTitle } from "../children/process-title.ts";
import { tellSupervisor } from "../children/tell-supervisor.ts";
import { settleCompileCache } from "../program/compile-cache.ts";
import { leaveSignalsToSupervisor } from "../program/signals.ts";
import { CheckerProcess } from "./checker-process.ts";
import type { ToChecker } from "./messages.ts";

/**
 * The checker process: probes, and the only writer of the table. It ends when the supervisor tells it to, and at once when the
 * supervisor is gone; the table stays for the successor.
 */
setProcessTitle("checker");
settleCompileCache();
leaveSignalsToSupervisor();
process.on("disconnect", () => process.exit(0));

// Without a supervisor there is nobody to tell; "disconnect" ends this process.
const checker = new CheckerProcess(tellSupervisor);
hearSupervisor<ToChecker>((message) => void checker.receive(message));
