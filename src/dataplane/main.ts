import { randomUUID } from "node:crypto";
import { hearSupervisor } from "../supervisor/children/hear-supervisor.ts";
import { setProcessTitle } from "../supervisor/children/process-title.ts";
import { leaveSignalsToSupervisor } from "../supervisor/program/signals.ts";
import { protocolVersion } from "./protocol.ts";
import { serveUserspace } from "./server.ts";
import { UserspacePlane } from "./userspace-plane.ts";

/**
 * The process of the user-space data plane: `main.ts SOCKET`. Says `{kind: "ready", identity}` to its parent when it listens;
 * ends when its parent closes the channel or is gone. Its traffic ends with it.
 */
const [path] = process.argv.slice(2);

setProcessTitle("dataplane");
if (path === undefined) {
  process.stderr.write("lbctl dataplane: the path of the socket is missing\n");
  process.exit(2);
}

const identity = randomUUID();
const plane = new UserspacePlane();
let server: { close(): void } | null = null;
// Under a supervisor the order of the end is the supervisor's; alone, as in tests, these end it.
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (!process.connected) end();
  });
}
leaveSignalsToSupervisor(["SIGTERM", "SIGINT"]);
process.on("disconnect", end);
// Greetings of the supervisor carry nothing for this process; listening keeps the channel, and with it "disconnect", alive.
hearSupervisor(() => {});

try {
  server = await serveUserspace(path, plane, { version: protocolVersion, identity, pid: process.pid });
  // Without a parent there is nobody to tell; "disconnect" ends this process.
  process.send?.({ kind: "ready", identity }, undefined, undefined, () => {});
} catch (error) {
  process.stderr.write(`lbctl dataplane: ${(error as Error).message}\n`);
  process.exit(1);
}

function end(): never {
  server?.close();
  process.exit(0);
}
