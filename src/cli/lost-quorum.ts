import type { StatusDocument, VirtualServerStatus } from "../control/status-document.ts";
import { socketText } from "./render-status.ts";

/**
 * What it does to virtual servers (in one of that name, or in all) that these real servers ("10.0.0.11:80") get no new connections:
 * a sentence for each that has its quorum now and loses it by that.
 */
export function lostQuorum(
  { virtual_servers }: StatusDocument,
  realServers: readonly string[],
  virtualServer: string | null,
): readonly string[] {
  const taken = new Set(realServers);
  return virtual_servers
    .filter(({ name }) => virtualServer === null || name === virtualServer)
    .flatMap((server) => {
      const left = server.quorum.weight_up - weightOf(server, taken);
      return losesQuorum(server, left) ? [sentence(server, left)] : [];
    });
}

function weightOf({ real_servers }: VirtualServerStatus, taken: ReadonlySet<string>): number {
  return real_servers
    .filter(({ address, port }) => taken.has(socketText(address, port)))
    .reduce((sum, { effective_weight }) => sum + effective_weight, 0);
}

function losesQuorum({ quorum }: VirtualServerStatus, left: number): boolean {
  return quorum.met && left < quorum.weight_up && left < Math.max(1, quorum.needed - quorum.hysteresis);
}

function sentence({ name, quorum, sorry_server }: VirtualServerStatus, left: number): string {
  const who = sorry_server === null ? "and it has no sorry server" : "its sorry server takes over";
  return `${name} loses its quorum by that (live weight ${left} of ${quorum.needed}), ${who}`;
}
