import { type AddressFamily, addressFamily, type ForwardingMethod, serviceFamily } from "ipvs-netlink";
import type { ConfigResult } from "../config/load.ts";
import type { VirtualAddress } from "../config/network-model.ts";
import type { VrrpInstance } from "../config/vrrp-model.ts";
import { connectsByTcp } from "../probe/tcp-checkers.ts";
import { planLinks } from "../vrrp/links/planned-link.ts";
import { GROUP_INET, GROUP_INET6 } from "../vrrp/packet/constants.ts";

/** A configuration as `loadConfig` answers it when it is valid. */
export type ValidConfig = Extract<ConfigResult, { readonly ok: true }>;

/** What a configuration wants of the machine: what is looked up, and what is judged. Plain data. */
export interface Needs {
  /** Whether the table is the kernel's. */
  readonly ipvs: boolean;
  readonly methods: readonly {
    readonly virtualServer: string;
    readonly family: AddressFamily;
    readonly method: ForwardingMethod;
  }[];
  readonly persistent: boolean;
  /** By name of the module: what it is for. */
  readonly modules: Readonly<Record<string, string>>;
  /** By name: what it is for. */
  readonly interfaces: Readonly<Record<string, string>>;
  readonly virtualAddresses: readonly NeededAddress[];
  /** Addresses that must be this host's. */
  readonly sources: readonly {
    readonly address: string;
    readonly interface: string | null;
    readonly keyword: string;
    readonly of: string;
  }[];
  readonly realServers: readonly NeededServer[];
  /** Unicast peers, by address. */
  readonly peers: Readonly<Record<string, string>>;
  readonly listening: readonly Listening[];
  readonly usesFirewall: boolean;
}

export interface NeededAddress {
  readonly instance: string;
  readonly family: AddressFamily;
  readonly address: string;
  /** The one below the VMAC. */
  readonly interface: string;
}

export interface NeededServer {
  readonly virtualServer: string;
  readonly address: string;
  /** Where it is asked for a connection: that of the first checker that connects, or its own; 0: nowhere. */
  readonly port: number;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly method: ForwardingMethod;
}

/** Where adverts come in. */
export interface Listening {
  readonly family: AddressFamily;
  /** Null: any. */
  readonly interface: string | null;
  readonly protocol: 112 | 51;
  readonly group: string | null;
}

/** What the configuration wants, with the table of IPVS in the kernel or not. Pure. */
export function needsOf({ model, vrrp }: ValidConfig, ipvs: boolean): Needs {
  const { virtualServers } = model;
  const services = virtualServers.flatMap(({ services }) => services);
  const addresses = vrrp.instances.flatMap((instance) =>
    addressesOf(instance).map((address) => ({ instance, address })),
  );
  const wantsIpvs = ipvs && virtualServers.length > 0;
  return {
    ipvs: wantsIpvs,
    methods: wantsIpvs ? methodsOf(virtualServers) : [],
    persistent: services.some(({ persistence }) => persistence !== null),
    modules: { ...(wantsIpvs ? ipvsModules(virtualServers) : {}), ...linkModules(vrrp.instances) },
    interfaces: interfacesOf(
      vrrp,
      new Set(
        [...planLinks(vrrp.instances, vrrp.globals).values()].flatMap(({ links }) => links.map(({ name }) => name)),
      ),
    ),
    virtualAddresses: addresses.map(({ instance, address }) => ({
      ...{ instance: instance.name, family: address.family, address: address.address, interface: address.interface },
    })),
    sources: [...instanceSources(vrrp.instances), ...checkSources(virtualServers)],
    realServers: virtualServers.flatMap(serversOf),
    peers: Object.fromEntries(
      vrrp.instances.flatMap(({ name, transport }) =>
        transport.kind === "unicast" ? transport.peers.map(({ address }) => [address, name] as const) : [],
      ),
    ),
    listening: uniqueBy(vrrp.instances.map(listeningOf), (each) => JSON.stringify(each)),
    usesFirewall:
      model.globalDefs.ipvs.marks !== null ||
      vrrp.instances.some(({ accept, basePriority, strict }) => (strict || !accept) && basePriority !== 255),
  };
}

function addressesOf({ addresses, excludedAddresses }: VrrpInstance): readonly VirtualAddress[] {
  return [...addresses, ...excludedAddresses];
}

type VirtualServers = ValidConfig["model"]["virtualServers"];

function methodsOf(virtualServers: VirtualServers): Needs["methods"] {
  const all = virtualServers.flatMap(({ name, services, realServers, sorryServer }) =>
    [...realServers, ...(sorryServer === null ? [] : [sorryServer])].flatMap(({ destination }) => ({
      virtualServer: name,
      family: services[0] === undefined ? addressFamily(destination.address) : serviceFamily(services[0].key),
      method: destination.method,
    })),
  );
  return uniqueBy(all, ({ virtualServer, family, method }) => `${virtualServer} ${family} ${method}`);
}

function ipvsModules(virtualServers: VirtualServers): Record<string, string> {
  const modules: Record<string, string> = { ip_vs: "every virtual server" };
  for (const { name, services } of virtualServers) {
    for (const { scheduler, persistence } of services) {
      modules[`ip_vs_${scheduler}`] ??= `lvs_sched ${scheduler} of ${name}`;
      const engine = persistence?.engine ?? null;
      if (engine !== null) modules[`ip_vs_pe_${engine}`] ??= `persistence_engine ${engine} of ${name}`;
    }
  }
  return modules;
}

function linkModules(instances: readonly VrrpInstance[]): Record<string, string> {
  const modules: Record<string, string> = {};
  for (const { name, link, addresses, excludedAddresses } of instances) {
    const own = [...addresses, ...excludedAddresses].some(({ placement }) => placement === "own-vmac");
    if (link?.kind === "vmac" || own) modules.macvlan ??= `use_vmac of ${name}`;
    if (link?.kind === "ipvlan") modules.ipvlan ??= `use_ipvlan of ${name}`;
  }
  return modules;
}

function interfacesOf(vrrp: ValidConfig["vrrp"], ours: ReadonlySet<string>): Record<string, string> {
  const found: Record<string, string> = {};
  const add = (name: string | null, what: string) => {
    if (name !== null && !ours.has(name)) found[name] ??= what;
  };
  for (const instance of vrrp.instances) {
    add(instance.interface, `vrrp_instance ${instance.name}`);
    for (const { interface: on, address } of addressesOf(instance)) add(on, `${address} of ${instance.name}`);
    for (const { name } of instance.tracks.interfaces) add(name, `track_interface of ${instance.name}`);
  }
  for (const { name, tracks } of vrrp.syncGroups)
    for (const each of tracks.interfaces) add(each.name, `track_interface of ${name}`);
  for (const { interface: on, address } of vrrp.staticAddresses) add(on, `static address ${address}`);
  return found;
}

function instanceSources(instances: readonly VrrpInstance[]): Needs["sources"] {
  return instances.flatMap(({ name, interface: on, transport }) =>
    transport.source === null
      ? []
      : [
          {
            address: transport.source,
            interface: on,
            keyword: transport.kind === "unicast" ? "unicast_src_ip" : "mcast_src_ip",
            of: name,
          },
        ],
  );
}

function checkSources(virtualServers: VirtualServers): Needs["sources"] {
  const all = virtualServers.flatMap(({ name, realServers }) =>
    realServers.flatMap(({ checks }) =>
      checks.flatMap(({ spec }) =>
        spec.connect.bindto === null
          ? []
          : [{ address: spec.connect.bindto, interface: spec.connect.bindIf, keyword: "bindto", of: name }],
      ),
    ),
  );
  return uniqueBy(all, ({ address }) => address);
}

function serversOf({ name, services, realServers }: VirtualServers[number]): NeededServer[] {
  const key = services[0]?.key;
  const protocol = key?.kind === "address" ? key.protocol : "TCP";
  const servicePort = key?.kind === "address" ? key.port : 0;
  return realServers.map(({ destination, checks }) => {
    const connecting = checks.find(({ spec }) => connectsByTcp(spec));
    const { address = destination.address, port = destination.port || servicePort } = connecting?.spec.connect ?? {};
    return {
      virtualServer: name,
      address,
      port,
      protocol: connecting === undefined ? protocol : "TCP",
      method: destination.method,
    };
  });
}

function listeningOf({ family, interface: on, transport, authentication }: VrrpInstance): Listening {
  const group = transport.kind === "multicast" ? transport.group : null;
  return {
    family,
    interface: on,
    protocol: authentication?.type === "AH" ? 51 : 112,
    group: group ?? (on === null ? null : family === "inet" ? GROUP_INET : GROUP_INET6),
  };
}

function uniqueBy<T>(values: readonly T[], keyOf: (value: T) => string): T[] {
  return [...new Map(values.map((value) => [keyOf(value), value])).values()];
}
