import { type AddressFamily, addressFamily, type Destination, endpointText } from "ipvs-netlink";
import { virtualServer } from "../keywords/lvs.ts";
import type { WrittenGlobalDefs, WrittenRealServer, WrittenVirtualServer } from "../keywords/table.ts";
import type { Endpoint } from "../keywords/values/address.ts";
import type { Forwarding } from "../keywords/values/forwarding.ts";
import type { Path } from "../locate.ts";
import { atPort, type RealServer, type SorryServer } from "../model.ts";
import { expandChecks } from "./check.ts";
import type { CheckerSurroundings } from "./checker-context.ts";
import { expandRealServerNotify } from "./notify-settings.ts";
import type { Problem } from "./problem.ts";

const rows = virtualServer.entries;
const realRows = rows.real_server.block.entries;

/** What the servers of one virtual server share. */
export interface ServerContext {
  readonly globals: WrittenGlobalDefs;
  readonly written: WrittenVirtualServer;
  /** Of the services of the virtual server, each once. */
  readonly families: readonly AddressFamily[];
  /** The ports of those services, each once; 0 is every port, or a mark. */
  readonly virtualPorts: readonly number[];
  readonly forwarding: Forwarding;
  readonly path: Path;
  readonly surroundings: CheckerSurroundings;
}

export function expandRealServers(context: ServerContext, problems: Problem[]): RealServer[] {
  const seen = new Map<string, number>();
  return (context.written.real_server ?? []).map((written, index) => {
    const path = [...context.path, "real_server", index];
    const realServer = expandRealServer(written, context, path, problems);
    const texts = context.virtualPorts.map((port) => endpointText(atPort(realServer.destination, port)));
    const text = texts.find((each) => seen.has(each));
    if (text !== undefined) {
      const message = `${text} is real server ${(seen.get(text) as number) + 1} of this virtual server already`;
      problems.push({
        path: [...path, "address"],
        code: "duplicate-real-server",
        message,
        hint: sameHint(written, realServer),
      });
    }
    for (const each of texts) if (!seen.has(each)) seen.set(each, index);
    return realServer;
  });
}

function sameHint(written: WrittenRealServer, { destination }: RealServer): string {
  const reset = written.port !== undefined && written.port !== destination.port;
  return reset ? "the kernel ignores the port with DR and TUN" : "give one real server the sum of the weights";
}

function expandRealServer(
  written: WrittenRealServer,
  context: ServerContext,
  path: Path,
  problems: Problem[],
): RealServer {
  const forwarding = written.lvs_method ?? context.forwarding;
  checkFamily(written.address, forwarding, context, [...path, "address"], problems);
  const port = kernelPort(written.port ?? null, forwarding, context, [...path, "port"], problems);
  const { uthreshold: upper = realRows.uthreshold.row.default, lthreshold: lower = realRows.lthreshold.row.default } =
    written;
  if (upper !== 0 && lower > upper) {
    const message = `lthreshold ${lower} is above uthreshold ${upper}: an overloaded server would never be relieved`;
    problems.push({ path: [...path, "lthreshold"], code: "threshold-order", message });
  }
  const logAllFailures = context.globals.checker_log_all_failures ?? false;
  const checked = {
    levels: [written, context.written],
    address: written.address,
    // With DR and TUN the check still goes to the port that was written: that is where the server listens.
    port: written.port ?? port,
    logAllFailures,
    surroundings: context.surroundings,
    globals: context.globals,
  };
  const slowStartMs = written.slow_start ?? context.written.slow_start ?? rows.slow_start.row.default;
  return {
    destination: {
      address: written.address,
      port,
      method: forwarding.method,
      weight: written.weight ?? context.written.weight ?? rows.weight.row.default,
      upperThreshold: upper,
      lowerThreshold: lower,
      tunnel: forwarding.tunnel,
    },
    inhibitOnFailure:
      written.inhibit_on_failure ?? context.written.inhibit_on_failure ?? rows.inhibit_on_failure.row.default,
    ...(slowStartMs === 0 ? {} : { slowStartMs }),
    notify: expandRealServerNotify(written, context.globals),
    checks: expandChecks(written, checked, path, problems),
  };
}

export function expandSorryServer(endpoint: Endpoint, context: ServerContext, problems: Problem[]): SorryServer {
  const { written } = context;
  const path = [...context.path, "sorry_server"];
  const forwarding = written.sorry_server_lvs_method ?? context.forwarding;
  checkFamily(endpoint.address, forwarding, context, path, problems);
  const destination: Destination = {
    address: endpoint.address,
    port: kernelPort(endpoint.port, forwarding, context, path, problems),
    method: forwarding.method,
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: forwarding.tunnel,
  };
  return { destination, inhibit: written.sorry_server_inhibit ?? rows.sorry_server_inhibit.row.default };
}

/** A tunnel carries either family; NAT and DR do not change it. */
function checkFamily(
  address: string,
  { method }: Forwarding,
  { families }: ServerContext,
  path: Path,
  problems: Problem[],
): void {
  const family = families.find((each) => each !== addressFamily(address));
  if (method === "TUN" || family === undefined) return;
  const message = `${address} is ${familyName(addressFamily(address))} and the virtual server is ${familyName(family)}`;
  problems.push({
    path,
    code: "family-mismatch",
    message,
    hint: "only lvs_method TUN can carry one family over the other",
  });
}

export function familyName(family: AddressFamily): string {
  return family === "inet" ? "IPv4" : "IPv6";
}

/**
 * The destination's port as the kernel uses it: with DR and TUN packets keep the port that the client asked for. 0 stands for the
 * port of each service, where they have several.
 */
function kernelPort(
  written: number | null,
  { method }: Forwarding,
  { virtualPorts }: ServerContext,
  path: Path,
  problems: Problem[],
): number {
  const clientsPort = virtualPorts.length === 1 ? (virtualPorts[0] as number) : 0;
  if (written === null) return clientsPort;
  if (method === "NAT" || written === clientsPort) return written;
  const kept = clientsPort === 0 ? "the port that the client asked for" : `port ${clientsPort}`;
  problems.push({
    path,
    code: "port-ignored",
    message: `${method} does not change the port: packets arrive at ${kept}, not ${written}`,
    hint: `leave the port out, or use lvs_method NAT; checks still connect to ${written}`,
  });
  return clientsPort;
}
