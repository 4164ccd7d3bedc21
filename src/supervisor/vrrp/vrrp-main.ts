import { hearSupervisor } from "../children/hear-supervisor.ts";
import { setProcessTitle } from "../children/process-title.ts";
import { settleCompileCache } from "../program/compile-cache.ts";
import { leaveSignalsToSupervisor } from "../program/signals.ts";
import { VrrpChild } from "./vrrp-child.ts";
import type { FromVrrp, ToVrrp } from "./vrrp-messages.ts";

/**
 * The VRRP process: state machines, raw sockets, addresses. It ends when the supervisor tells it to; when the supervisor is gone it
 * gives everything to the next one, or resigns and gives it back, so that another router takes over.
 */
setProcessTitle("vrrp");
settleCompileCache();
leaveSignalsToSupervisor();

const send = (message: FromVrrp): void => {
  process.send?.(message, undefined, undefined, () => {});
};
const child = new VrrpChild(send);
/** It may come before the end of the supervisor is seen. */
const ended = new AbortController();
process.on("SIGTERM", () => ended.abort());
process.on("disconnect", () => void child.orphaned(ended.signal).finally(() => process.exit(0)));
hearSupervisor<ToVrrp>((message) => child.receive(message));
