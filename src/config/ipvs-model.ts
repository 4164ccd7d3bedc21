/** What the configuration says of IPVS as a whole, beside its services. Plain data. */
export interface IpvsSettings {
  /** Idle times of connections in seconds; what is left out stays as it was found at the start. */
  readonly timeouts: IpvsTimeouts;
  /** At the start every service of the table is taken for ours, so that what is not configured goes. */
  readonly flush: boolean;
  /** What an ordered stop removes: our services, or everything. */
  readonly flushOnStop: "ours" | "everything";
  readonly syncDaemon: SyncDaemon | null;
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
};
