import type { Model } from "../config/model.ts";
import type { ProgramModel } from "../config/program-model.ts";
import type { VrrpModel } from "../config/vrrp-model.ts";
import type { StatusDocument } from "./status-document.ts";

/** The configuration in force, as every process works from it. */
export interface ConfigurationInForce {
  readonly model: Model;
  readonly vrrp: VrrpModel;
  readonly program: ProgramModel;
}

/** What SIGUSR1 dumps: all that is known, and the configuration that it follows from. Passwords are hidden. Pure. */
export function stateDump(status: StatusDocument, configuration: ConfigurationInForce, at: string): object {
  return { at, status, configuration: withoutSecrets(configuration) };
}

/** What SIGUSR2 dumps: everything that is counted, by name. Pure. */
export function statsDump({ virtual_servers, vrrp_instances, drift }: StatusDocument, at: string): object {
  return {
    at,
    vrrp_instances: vrrp_instances.map(({ name, counters }) => ({ name, counters })),
    virtual_servers: virtual_servers.map(({ name, stats, rates, real_servers }) => ({
      name,
      stats,
      rates,
      real_servers: real_servers.map((each) => ({
        address: each.address,
        port: each.port,
        connections: each.connections,
        stats: each.stats,
        rates: each.rates,
      })),
    })),
    drift_repaired_total: drift.repaired_total,
  };
}

/** What -d logs: a line for each part of the configuration. Passwords are hidden. Pure. */
export function configurationLines({ model, vrrp, program }: ConfigurationInForce): string[] {
  const { instances, syncGroups, globals, ...others } = vrrp;
  const parts: [string, unknown][] = [
    ["program", program],
    ["global_defs", model.globalDefs],
    ["vrrp", globals],
    ...Object.entries(others).filter(([, list]) => Array.isArray(list) && list.length > 0),
    ...syncGroups.map((group): [string, unknown] => [`vrrp_sync_group ${group.name}`, group]),
    ...instances.map((instance): [string, unknown] => [`vrrp_instance ${instance.name}`, instance]),
    ...model.virtualServers.map((server): [string, unknown] => [`virtual_server ${server.name}`, server]),
  ];
  return parts.map(([name, part]) => `configuration: ${name} ${JSON.stringify(withoutSecrets(part))}`);
}

const hidden = "(hidden)";

/** The same plain data without what authenticates: auth_pass, keys of HMAC, passwords of private keys. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  const isHmacKey = "id" in value && "key" in value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      const isSecret =
        typeof each === "string" && (name === "password" || (isHmacKey && name === "key" && !each.startsWith("file:")));
      return [name, isSecret ? hidden : withoutSecrets(each)];
    }),
  );
}
