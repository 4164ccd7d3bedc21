import { endpointText } from "ipvs-netlink";
import type { Facts, Reach } from "../facts.ts";
import { type Finding, findingsOf } from "../finding.ts";
import type { NeededServer, Needs } from "../needs.ts";

/** "0.4 ms". */
function ms(latencyMs: number): string {
  return `${latencyMs.toFixed(1)} ms`;
}

/** The port that peers are asked on; a refusal is an answer, too. */
export const PEER_PORT = 22;

/** Unicast peers, by a TCP connection: what VRRP itself hears is said by `virtual-routers`. */
export function peers(needs: Needs, { reach, wire }: Facts): Finding[] {
  const say = findingsOf("peers");
  const wanted = Object.entries(needs.peers);
  if (wanted.length === 0) return [say.ok("no unicast peer")];
  const heard = new Set(wire.known ? wire.value.heard.map(({ source }) => source) : []);
  return wanted.map(([address, instance]) => {
    const what = `${address}, peer of ${instance}`;
    const answer = reach[endpointText({ address, port: PEER_PORT })];
    if (answer === undefined) return say.unknown(`${what}: not asked (--skip-wire)`);
    if (answer.kind === "answered" || answer.kind === "refused")
      return say.ok(`${what}, answers in ${ms(answer.latencyMs)}`);
    if (heard.has(address)) return say.ok(`${what}, sends adverts`);
    if (answer.kind === "unreachable") {
      return say.failure(
        `${what}, cannot be reached: ${answer.errno}`,
        "Neither router hears the other: both become master",
        `ip route get ${address}`,
      );
    }
    const why = "It may be down, or filter TCP; when adverts do not come through either, both routers become master";
    return say.warning(
      `${what}, does not answer on TCP port ${PEER_PORT} within ${answer.waitedMs} ms`,
      why,
      `ping -c 3 ${address}`,
    );
  });
}

/** So many real servers that answer have a line of their own. */
const OWN_LINES = 8;
/** And so many that do not. */
const MOST_LINES = 50;

export function realServers(needs: Needs, { reach }: Facts): Finding[] {
  const say = findingsOf("real-servers");
  if (needs.realServers.length === 0) return [say.ok("no real server")];
  const asked = needs.realServers.flatMap((server) => {
    const answer = reach[endpointText(server)];
    return answer === undefined ? [] : [{ server, answer }];
  });
  if (asked.length === 0) return [say.unknown("not asked (--skip-wire, or no ports)")];
  const answering = asked.filter(({ server, answer }) => isFine(server, answer));
  const others = asked.filter((each) => !answering.includes(each));
  const shown = others.slice(0, MOST_LINES).map(({ server, answer }) => serverFinding(server, answer));
  const left = others.length - shown.length;
  return [
    ...(answering.length > OWN_LINES ? [say.ok(summary(answering))] : answering.map((each) => say.ok(fine(each)))),
    ...shown,
    ...(left > 0
      ? [say.warning(`${left} more do not answer either`, "lbctl status has the reason of each", "lbctl status")]
      : []),
  ];
}

interface Asked {
  readonly server: NeededServer;
  readonly answer: Reach;
}

function isFine({ protocol }: NeededServer, { kind }: Reach): boolean {
  return kind === "answered" || (kind === "refused" && protocol !== "TCP");
}

function fine({ server, answer }: Asked): string {
  const latency = answer.kind === "answered" || answer.kind === "refused" ? ` in ${ms(answer.latencyMs)}` : "";
  return `${endpointText(server)} of ${server.virtualServer} answers${latency}`;
}

function summary(answering: readonly Asked[]): string {
  const latencies = answering.map(({ answer }) => ("latencyMs" in answer ? answer.latencyMs : 0)).sort((a, b) => a - b);
  return `${answering.length} real servers answer in ${ms(latencies[0] ?? 0)} to ${ms(latencies.at(-1) ?? 0)}`;
}

function serverFinding(server: NeededServer, answer: Reach): Finding {
  const say = findingsOf("real-servers");
  const { address, port, protocol, virtualServer } = server;
  const what = `${endpointText(server)} of ${virtualServer}`;
  switch (answer.kind) {
    case "answered":
      return say.ok(fine({ server, answer }));
    case "refused":
      return say.warning(
        `${what} refuses connections`,
        "The host answers, and nobody listens on that port",
        `lbctl probe TCP_CHECK ${endpointText(server)}`,
      );
    case "unreachable":
      return say.failure(
        `${what} cannot be reached: ${answer.errno}`,
        "This host has no way to it",
        `ip route get ${address}`,
      );
    case "silent": {
      if (protocol !== "TCP") return say.unknown(`${what} does not answer TCP, which ${protocol} servers need not do`);
      const why = "It is down, or a packet filter on the way drops it";
      return say.warning(
        `${what} does not answer within ${answer.waitedMs} ms`,
        why,
        port === 0 ? null : `lbctl probe TCP_CHECK ${endpointText(server)}`,
      );
    }
  }
}
