import type { Protocol } from "ipvs-netlink";

/** What the configuration says of IPVS as a whole, beside its services. Plain data. */
export interface IpvsSettings {
  /** Idle times of connections in seconds; what is left out stays as it was found at the start. */
  readonly timeouts: IpvsTimeouts;
  /** At the start every service of the table is taken for ours, so that what is not configured goes. */
  readonly flush: boolean;
  /** What an ordered stop removes: our services, or everything. */
  readonly flushOnStop: "ours" | "everything";
  readonly syncDaemon: SyncDaemon | null;
  /** Where packets are marked for virtual servers that have a `marking`; null: there are none. */
  readonly marks: MarkSettings | null;
}

/** A table of nftables of our own, and the priority of its chains. */
export interface MarkSettings {
  readonly table: string;
  readonly priority: number;
}

/** Packets of a protocol to addresses and ports, and their mark. */
export interface Marking {
  readonly mark: number;
  readonly protocol: Protocol;
  readonly destinations: readonly MarkedRange[];
}

/** First and last address, of one family. */
export interface MarkedRange {
  readonly first: string;
  readonly last: string;
  /** Null: every port. */
  readonly port: number | null;
}

export interface IpvsTimeouts {
  readonly tcpS?: number;
  readonly tcpFinS?: number;
  readonly udpS?: number;
}

/** The daemons that copy connections to other directors; what is left out is the kernel's choice. */
export interface SyncDaemon {
  readonly interface: string;
  /** The vrrp_instance whose state says whether this host sends or receives; null: it does both. */
  readonly instance: string | null;
  /** 0 to 255. */
  readonly syncId: number;
  readonly maxLength?: number;
  readonly multicastPort?: number;
  readonly multicastTtl?: number;
  readonly multicastGroup?: string;
}

/** Without a word about it in the configuration. */
export const defaultIpvsSettings: IpvsSettings = {
  timeouts: {},
  flush: false,
  flushOnStop: "ours",
  syncDaemon: null,
  marks: null,
};
