import { performance } from "node:perf_hooks";
import type { LiveView } from "./live-view.ts";
import { shareOf } from "./tally.ts";
import type { Stage } from "./tour.ts";

const windowMs = 3000;

/** What the director says of the table, and what the clients saw in the last seconds. */
export async function observeLive({ director, load, configured }: Stage): Promise<LiveView> {
  const status = await director.status();
  const recent = load.tally(performance.now() - windowMs);
  const [service] = status.virtual_servers;
  return {
    service: `${service?.address}:${service?.port}`,
    scheduler: service?.lvs_sched ?? "",
    requestsPerS: Math.round((recent.requests * 1000) / windowMs),
    ...load.totals,
    servers: (service?.real_servers ?? []).map((real) => {
      const name = configured.find(({ port }) => port === real.port)?.name ?? "?";
      return {
        name,
        endpoint: `${real.address}:${real.port}`,
        state: real.state,
        weight: real.effective_weight,
        share: shareOf(name, recent),
        activeConnections: real.connections?.active ?? 0,
        reason: real.reason,
      };
    }),
  };
}
