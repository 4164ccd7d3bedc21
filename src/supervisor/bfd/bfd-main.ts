import { hearSupervisor } from "../children/hear-supervisor.ts";
import { setProcessTitle } from "../children/process-title.ts";
import { settleCompileCache } from "../program/compile-cache.ts";
import { leaveSignalsToSupervisor } from "../program/signals.ts";
import { BfdChild } from "./bfd-child.ts";
import type { FromBfd, ToBfd } from "./bfd-messages.ts";

/**
 * The BFD process: sessions with neighbours, and nothing that could delay their packets. It ends when the supervisor tells it to, or is
 * gone: nobody would act on what it finds out.
 */
setProcessTitle("bfd");
settleCompileCache();
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
