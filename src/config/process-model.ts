/** How one of our processes runs. Plain data; null is as the supervisor does, or left to the kernel. */
export interface ProcessSettings {
  /** In process lists; null: lbctl, as every process of ours. */
  readonly name: string | null;
  readonly nice: number | null;
  /** SCHED_RR, 1 to 99. */
  readonly realTimePriority: number | null;
  readonly cpuAffinity: readonly number[] | null;
  readonly noSwap: boolean;
  /** RLIMIT_RTTIME. */
  readonly rttimeLimitUs: number;
  /** Null: it does not raise itself. */
  readonly autoPriority: AutoPriority | null;
  readonly buffers: NetlinkBuffers;
}

/** A process that runs late raises its own priority. */
export interface AutoPriority {
  /** SCHED_RR, 1 to 99. */
  readonly max: number;
  readonly minDelayUs: number;
}

/** Receive buffers of netlink sockets; null: our own size. */
export interface NetlinkBuffers {
  readonly command: BufferSize | null;
  readonly monitor: BufferSize | null;
}

export interface BufferSize {
  readonly octets: number;
  /** It may exceed net.core.rmem_max. */
  readonly force: boolean;
}

/** Options of a socket of ipvs-netlink. */
export function bufferOptions(size: BufferSize | null): {
  readonly receiveBufferBytes?: number;
  readonly receiveBufferForced?: boolean;
} {
  return size === null ? {} : { receiveBufferBytes: size.octets, receiveBufferForced: size.force };
}

/** Without a word about it in the configuration. */
export const defaultProcessSettings: ProcessSettings = {
  name: null,
  nice: null,
  realTimePriority: null,
  cpuAffinity: null,
  noSwap: false,
  rttimeLimitUs: 1_000_000,
  autoPriority: null,
  buffers: { command: null, monitor: null },
};
