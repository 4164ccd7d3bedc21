import { endpointText } from "ipvs-netlink";
import { tcpLatency } from "../../probe/tcp-latency.ts";
import type { Reach } from "../facts.ts";
import { PEER_PORT } from "../judge/reach.ts";
import type { Needs } from "../needs.ts";

const AT_ONCE = 64;
const WAIT_MS = 1_000;

/** Asks peers and real servers for a connection, so many at once; by `endpointText`. */
export async function lookAtReach(needs: Needs, onProgress: (what: string) => void): Promise<Record<string, Reach>> {
  const all = [
    ...Object.keys(needs.peers).map((address) => ({ address, port: PEER_PORT })),
    ...needs.realServers.filter(({ port }) => port !== 0),
  ];
  const targets = [...new Map(all.map(({ address, port }) => [endpointText({ address, port }), { address, port }]))];
  const found: Record<string, Reach> = {};
  const queue = targets.values();
  const work = async () => {
    for (const [key, { address, port }] of queue) {
      found[key] = await tcpLatency(address, port, WAIT_MS);
      const count = Object.keys(found).length;
      if (count % AT_ONCE === 0) onProgress(`asking real servers: ${count} of ${targets.length}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}
