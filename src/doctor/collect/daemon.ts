import { ControlError } from "../../control/api.ts";
import { DaemonUnreachable, requestControl } from "../../control/client.ts";
import type { DaemonFacts } from "../facts.ts";

/** The lbctl behind the socket; null when none answers. */
export async function askDaemon(socket: string): Promise<DaemonFacts | null> {
  try {
    const { daemon, vrrp_instances: instances } = await requestControl(socket, "GET /v1/status", null);
    return {
      pid: daemon.pid,
      configFile: daemon.config_file,
      instances: Object.fromEntries(
        instances.map(({ name, state, master }) => [name, { state, master: master?.address ?? null }]),
      ),
    };
  } catch (error) {
    if (error instanceof DaemonUnreachable || error instanceof ControlError) return null;
    throw error;
  }
}
