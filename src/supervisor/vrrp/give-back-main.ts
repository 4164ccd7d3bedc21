import { acquireWriterLock } from "../../director/writer-lock.ts";
import { giveBack } from "../../vrrp/process/give-back.ts";
import { leaveSupervisor } from "../children/hear-supervisor.ts";
import { setProcessTitle } from "../children/process-title.ts";
import { tellSupervisor } from "../children/tell-supervisor.ts";
import { settleCompileCache } from "../program/compile-cache.ts";
import { namespaceIdentity } from "../program/namespace-identity.ts";
import { leaveSignalsToSupervisor } from "../program/signals.ts";
import type { FromGiveBack, ToGiveBack } from "./giving-back.ts";

/** Gives back what a VRRP process that is gone has left, and ends. */
setProcessTitle("addresses");
settleCompileCache();
leaveSignalsToSupervisor();

const send = (message: FromGiveBack): void => tellSupervisor(message);
const orphaned = new AbortController();
process.on("disconnect", () => orphaned.abort());
process.once("message", (message) => {
  carryOut(message as ToGiveBack)
    .then(
      () => send({ kind: "given_back" }),
      (error: Error) => send({ kind: "failed", message: error.message }),
    )
    .finally(leaveSupervisor);
});

async function carryOut({ model, instances, runDir }: ToGiveBack): Promise<void> {
  const lock = await acquireWriterLock({ table: "vrrp", signal: orphaned.signal });
  await giveBack(model, instances, {
    runDir,
    identity: namespaceIdentity(),
    buffers: model.globals.process.buffers,
    onLog: (severity, message) => send({ kind: "log", severity, message }),
  });
  await lock.release();
}
