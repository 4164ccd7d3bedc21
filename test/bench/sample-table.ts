import type { DestinationKey, ServiceEntry, ServiceKey, TableOperation } from "ipvs-netlink";
import type { DesiredEntry } from "../../src/director/desired.ts";

export const destinationsPerService = 4;

/** The table that everything is measured with; every form of it says the same. */
export interface SampleTable {
  readonly services: number;
  /** Of the first real server of the first virtual server; all others have weight 1. */
  readonly firstWeight: number;
}

/** Services and destinations, which is how many operations create the table. */
export function entryCount({ services }: Pick<SampleTable, "services">): number {
  return services * (1 + destinationsPerService);
}

export function serviceKey(service: number): Extract<ServiceKey, { kind: "address" }> {
  return { kind: "address", protocol: "TCP", address: `10.${1 + (service >> 16)}.${octets(service)}`, port: 80 };
}

export function destinationKey(service: number, destination: number): DestinationKey {
  return { address: `10.${128 + destination}.${octets(service)}`, port: 8080 };
}

export function desiredEntries(table: SampleTable): DesiredEntry[] {
  return map(table.services, (service) => ({
    service: { key: serviceKey(service), scheduler: "rr", schedulerFlags: [], persistence: null, onePacket: false },
    destinations: map(destinationsPerService, (destination) => ({
      ...destinationKey(service, destination),
      method: "NAT",
      weight: weight(table, service, destination),
      upperThreshold: 0,
      lowerThreshold: 0,
      tunnel: null,
    })),
  }));
}

export function creatingOperations(table: SampleTable): TableOperation[] {
  return desiredEntries(table).flatMap(({ service, destinations }): TableOperation[] => [
    { kind: "new-service", service },
    ...destinations.map((destination): TableOperation => ({ kind: "new-destination", key: service.key, destination })),
  ]);
}

/** What `ipvsadm -R` reads. */
export function ipvsadmRules(table: SampleTable): string {
  return lines(table, (service) => [
    `-A -t ${endpoint(serviceKey(service))} -s rr`,
    ...map(
      destinationsPerService,
      (destination) =>
        `-a -t ${endpoint(serviceKey(service))} -r ${endpoint(destinationKey(service, destination))} -m -w ${weight(table, service, destination)}`,
    ),
  ]);
}

/** keepalived.conf. Real servers without a checker are up at once, for keepalived and for lbctl alike. */
export function keepalivedConfig(table: SampleTable): string {
  return lines(table, (service) => [
    `virtual_server ${serviceKey(service).address} ${serviceKey(service).port} {`,
    "  lb_algo rr",
    "  lb_kind NAT",
    "  protocol TCP",
    ...map(destinationsPerService, (destination) => {
      const { address, port } = destinationKey(service, destination);
      return `  real_server ${address} ${port} {\n    weight ${weight(table, service, destination)}\n  }`;
    }),
    "}",
  ]);
}

/** lbctl.yaml. `reconcileIntervalS`: how often the table is read back. */
export function lbctlConfig(table: SampleTable, reconcileIntervalS: number): string {
  const globalDefs = `global_defs:\n  reconcile_interval: ${reconcileIntervalS}\nvirtual_server:${table.services === 0 ? " []" : ""}\n`;
  return (
    globalDefs +
    lines(table, (service) => [
      `  - address: ${serviceKey(service).address}`,
      `    port: ${serviceKey(service).port}`,
      "    protocol: TCP",
      "    lvs_sched: rr",
      "    lvs_method: NAT",
      "    real_server:",
      ...map(destinationsPerService, (destination) => {
        const { address, port } = destinationKey(service, destination);
        return `      - address: ${address}\n        port: ${port}\n        weight: ${weight(table, service, destination)}`;
      }),
    ])
  );
}

/** Throws if the entries are not exactly the table. */
export function checkEntries(table: SampleTable, entries: readonly ServiceEntry[]): void {
  const count = entries.reduce((sum, { destinations }) => sum + 1 + destinations.length, 0);
  if (count !== entryCount(table)) throw new Error(`the table has ${count} entries, not ${entryCount(table)}`);
}

function weight({ firstWeight }: SampleTable, service: number, destination: number): number {
  return service === 0 && destination === 0 ? firstWeight : 1;
}

function octets(service: number): string {
  return `${(service >> 8) & 255}.${service & 255}`;
}

function endpoint({ address, port }: DestinationKey): string {
  return `${address}:${port}`;
}

function lines({ services }: SampleTable, of: (service: number) => readonly string[]): string {
  return map(services, (service) => `${of(service).join("\n")}\n`).join("");
}

function map<T>(count: number, of: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => of(index));
}
