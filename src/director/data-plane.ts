import type { IpvsClient, OperationResult, ServiceEntry, ServiceKey, TableOperation } from "ipvs-netlink";

/** What a data plane can hold; anything else it refuses by name. `null` is no restriction. */
export interface Capabilities {
  readonly protocols: readonly string[] | null;
  readonly methods: readonly string[] | null;
  readonly schedulers: readonly string[] | null;
  readonly fwmark: boolean;
  readonly persistence: boolean;
  readonly onePacket: boolean;
  readonly thresholds: boolean;
}

/** Of a data plane that holds whatever IPVS can. */
export const everyCapability: Capabilities = {
  protocols: null,
  methods: null,
  schedulers: null,
  fwmark: true,
  persistence: true,
  onePacket: true,
  thresholds: true,
};

/** What the kernel's IPVS has beside its table. Calls reject with a sentence. */
export type IpvsControl = Pick<
  IpvsClient,
  "timeouts" | "setTimeouts" | "daemons" | "startDaemon" | "stopDaemon" | "flush"
>;

/** Where the table lives: the kernel's IPVS, or the user-space forwarder. The director is its only writer. */
export interface DataPlane {
  readonly name: "ipvs" | "userspace";
  readonly capabilities: Capabilities;
  /** Null where there is nothing but a table. */
  readonly control: IpvsControl | null;
  /** Every service with its destinations and counters. */
  dump(): Promise<readonly ServiceEntry[]>;
  /** These services; absent ones are left out. */
  read(keys: readonly ServiceKey[]): Promise<readonly ServiceEntry[]>;
  /** Applies in order, one result per operation; one that fails does not stop the rest. */
  apply(operations: readonly TableOperation[]): Promise<readonly OperationResult[]>;
  close(): Promise<void>;
}
