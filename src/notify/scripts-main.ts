import { hearSupervisor } from "../supervisor/children/hear-supervisor.ts";
import { setProcessTitle } from "../supervisor/children/process-title.ts";
import { leaveSignalsToSupervisor } from "../supervisor/program/signals.ts";
import type { FromScripts, ToScripts } from "./scripts-messages.ts";
import { ScriptsProcess } from "./scripts-process.ts";

/**
 * The scripts process: runs what the configuration names, so that no other process of ours has to. It ends at once when the
 * supervisor is gone; scripts under way go on without it.
 */
setProcessTitle("scripts");
leaveSignalsToSupervisor();
process.on("disconnect", () => process.exit(0));

const send = (message: FromScripts): void => {
  // Without a supervisor there is nobody to tell; "disconnect" ends this process.
  process.send?.(message, undefined, undefined, () => {});
};
let scripts: ScriptsProcess | null = null;
hearSupervisor<ToScripts>((received) => {
  if (scripts === null && received.kind === "configure") scripts = new ScriptsProcess(send, received.settings);
  else scripts?.receive(received);
});
