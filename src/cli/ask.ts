import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ControlApi, ControlRoute } from "../control/api.ts";
import { requestControl } from "../control/client.ts";
import { progressOn } from "./progress.ts";

/** Who waits longer wants to know for what. */
const silentMs = 2_000;

/** As `requestControl`; on a terminal it is said who is waited for if that takes long. @throws ControlError, DaemonUnreachable */
export async function ask<R extends ControlRoute>(
  socket: string,
  route: R,
  request: ControlApi[R]["request"],
): Promise<ControlApi[R]["response"]> {
  const progress = progressOn(process.stderr);
  let isShown = false;
  const timer = setTimeout(() => {
    isShown = true;
    progress.show(`waiting for ${nameOf(socket)}`);
  }, silentMs);
  try {
    return await requestControl(socket, route, request);
  } finally {
    clearTimeout(timer);
    if (isShown) progress.end();
  }
}

function nameOf(socket: string): string {
  try {
    return `lbctl, process ${Number.parseInt(readFileSync(join(dirname(socket), "lbctl.pid"), "utf8"), 10)}`;
  } catch {
    // It is elsewhere (--pid).
    return "lbctl";
  }
}
