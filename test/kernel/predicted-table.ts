import { type Destination, endpointText, type ServiceKey } from "ipvs-netlink";
import type { Model } from "../../src/config/model.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { desired } from "../../src/director/desired.ts";
import { noFacts, type Override } from "../../src/director/facts.ts";

/** The model of a configuration; JSON is YAML. */
export function modelOf(config: unknown): Model {
  const result = parseConfig(JSON.stringify(config), "predicted.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.model;
}

/** What the pure model says that the table is while every check passes: the lines of `ipvsadm -Sn`, for TCP and UDP. */
export function predictedTable(model: Model, overrides: ReadonlyMap<string, Override>): string[] {
  return model.virtualServers
    .flatMap((virtualServer) => desired(virtualServer, { ...noFacts, overrides }, null, 0).entries)
    .flatMap(({ service: { key, scheduler }, destinations }) => {
      const virtual = serviceWords(key);
      return [
        `-A ${virtual} -s ${scheduler}`,
        ...destinations.map((each) => `-a ${virtual} ${destinationWords(each)}`),
      ];
    });
}

function serviceWords(key: ServiceKey): string {
  if (key.kind === "fwmark") throw new Error("no services by mark here");
  return `${key.protocol === "TCP" ? "-t" : "-u"} ${endpointText(key)}`;
}

function destinationWords(destination: Destination): string {
  const { method, weight } = destination;
  const flag = { NAT: "-m", DR: "-g", TUN: "-i" }[method as "NAT" | "DR" | "TUN"];
  return `-r ${endpointText(destination)} ${flag} -w ${weight}${method === "TUN" ? " --tun-type ipip" : ""}`;
}
