import { parseConfig } from "../../config/parse-config.ts";
import type { Facts } from "../facts.ts";
import type { Needs, ValidConfig } from "../needs.ts";
import { needsOf } from "../needs.ts";

/** A configuration, which must be valid, and what it needs. JSON is YAML. */
export function configOf(config: object, ipvs = true): { readonly config: ValidConfig; readonly needs: Needs } {
  const result = parseConfig(JSON.stringify(config, null, 1), "test.yaml");
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  return { config: result, needs: needsOf(result, ipvs) };
}

export function instance(keywords: object = {}): object {
  return {
    ...{ name: "VI_1", interface: "eth0", virtual_router_id: 51, version: 3, priority: 100 },
    virtual_ipaddress: ["192.0.2.100/24"],
    ...keywords,
  };
}

export function virtualServer(keywords: object = {}): object {
  const real_server = [{ address: "10.0.0.1", port: 80, TCP_CHECK: {} }];
  return { name: "web", address: "192.0.2.100", port: 80, protocol: "TCP", lvs_sched: "wrr", real_server, ...keywords };
}

/** A machine on which all is well. */
export function wellFacts(changes: Partial<Facts> = {}): Facts {
  return {
    kernelRelease: "6.1.0",
    modules: {},
    sysctls: {},
    process: {
      ...{ pid: 7, of: "doctor", doctorCommand: "lbctl doctor", prober: null },
      capabilities: { known: true, value: ["CAP_NET_ADMIN", "CAP_NET_RAW"] },
      descriptors: { known: true, value: 65_536 },
      confinement: { known: true, value: null },
    },
    clock: { known: true, value: { synchronised: true, observer: false } },
    links: { known: true, value: [link("eth0")] },
    addresses: {
      known: true,
      value: [{ interface: "eth0", address: "192.0.2.1", prefixLength: 24, tentative: false, dadFailed: false }],
    },
    controllers: { known: true, value: [] },
    ruleset: { known: true, value: { nftables: [] } },
    legacyTables: false,
    hasNft: true,
    daemon: null,
    silentS: null,
    wire: { known: true, value: { listenedMs: 3_000, heard: [], deaf: [], problems: [], holders: [] } },
    reach: {},
    ...changes,
  };
}

type Link = Extract<Facts["links"], { readonly known: true }>["value"][number];

export function link(name: string, changes: Partial<Link> = {}): Link {
  return {
    ...{ name, index: 2, up: true, lowerUp: true, mtu: 1500, mac: "02:00:00:00:00:01" },
    ...{ loopback: false, multicast: true, noArp: false, manager: null },
    ...changes,
  };
}
