import { BfdChild } from "./bfd-child.ts";
import type { FromBfd, ToBfd } from "./bfd-messages.ts";
import { hideCompileCache } from "./compile-cache.ts";
import { hearSupervisor } from "./hear-supervisor.ts";
import { setProcessTitle } from "./process-title.ts";
import { leaveSignalsToSupervisor } from "./signals.ts";

/**
 * The BFD process: sessions with neighbours, and nothing that could delay their packets. It ends when the supervisor tells it to, or is
 * gone: nobody would act on what it finds out.
 */
setProcessTitle("bfd");
hideCompileCache();
leaveSignalsToSupervisor();

const send = (message: FromBfd): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
};
const child = new BfdChild(send);
process.on("disconnect", () => {
  child.end();
  process.exit(0);
});
hearSupervisor<ToBfd>((message) => child.receive(message));
