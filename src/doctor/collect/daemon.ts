import { ControlError } from "../../control/api.ts";
import { DaemonUnreachable, requestControl } from "../../control/client.ts";
import type { Facts } from "../facts.ts";

/** One that has not answered by then hangs: status asks nobody for long. */
const answerWithinMs = 10_000;

/** The lbctl behind the socket, if there is one, or that it is there and says nothing. */
export async function askDaemon(socket: string): Promise<Pick<Facts, "daemon" | "silentS">> {
  try {
    const status = await requestControl(socket, "GET /v1/status", null, { answerWithinMs });
    const { daemon, dataplane, vrrp_instances: instances } = status;
    const known = {
      pid: daemon.pid,
      configFile: daemon.config_file,
      configId: daemon.config_id ?? undefined,
      dataPlane: dataplane,
      instances: Object.fromEntries(
        instances.map(({ name, state, master }) => [name, { state, master: master?.address ?? null }]),
      ),
    };
    return { daemon: known, silentS: null };
  } catch (error) {
    if (error instanceof ControlError) return { daemon: null, silentS: null };
    if (!(error instanceof DaemonUnreachable)) throw error;
    return { daemon: null, silentS: error.errno === "ETIMEDOUT" ? answerWithinMs / 1000 : null };
  }
}
