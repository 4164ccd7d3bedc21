import { present } from "../checks.ts";
import type { Statistics } from "../table.ts";
import type { StatisticsAttributes } from "./attributes.ts";

/** STATS64 of a service or destination. Throws NetlinkError `malformed`. */
export function decodeStatistics(attributes: StatisticsAttributes | undefined): Statistics {
  const values = present("64-bit statistics", attributes);
  return {
    connections: values.connections ?? 0,
    inPackets: values.inPackets ?? 0,
    outPackets: values.outPackets ?? 0,
    inBytes: values.inBytes ?? 0,
    outBytes: values.outBytes ?? 0,
    connectionsPerS: values.connectionsPerS ?? 0,
    inPacketsPerS: values.inPacketsPerS ?? 0,
    outPacketsPerS: values.outPacketsPerS ?? 0,
    inBytesPerS: values.inBytesPerS ?? 0,
    outBytesPerS: values.outBytesPerS ?? 0,
  };
}
