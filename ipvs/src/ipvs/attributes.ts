import { ADDRESS_BYTES } from "../address.ts";
import { be16, cstring, octets, s32, u8, u16, u32, u64 } from "../netlink/attribute-types.ts";
import { attributes, nested } from "../netlink/attributes.ts";
import * as k from "./constants.ts";

// Family "IPVS", version 1. Every command carries at the first level (linux/ip_vs.h, IPVS_CMD_ATTR_*):
//   SERVICE nested · DEST nested · DAEMON nested · TIMEOUT_TCP, TIMEOUT_TCP_FIN, TIMEOUT_UDP u32 s
// The kernel's 32-bit STATS are not read: STATS64 (Linux 4.1) says the same without wrapping.

/** IPVS_STATS_ATTR_*: totals u64 · estimates per second u64. */
export const statistics = attributes({
  connections: [k.IPVS_STATS_ATTR_CONNS, u64],
  inPackets: [k.IPVS_STATS_ATTR_INPKTS, u64],
  outPackets: [k.IPVS_STATS_ATTR_OUTPKTS, u64],
  inBytes: [k.IPVS_STATS_ATTR_INBYTES, u64],
  outBytes: [k.IPVS_STATS_ATTR_OUTBYTES, u64],
  connectionsPerS: [k.IPVS_STATS_ATTR_CPS, u64],
  inPacketsPerS: [k.IPVS_STATS_ATTR_INPPS, u64],
  outPacketsPerS: [k.IPVS_STATS_ATTR_OUTPPS, u64],
  inBytesPerS: [k.IPVS_STATS_ATTR_INBPS, u64],
  outBytesPerS: [k.IPVS_STATS_ATTR_OUTBPS, u64],
});

/**
 * IPVS_SVC_ATTR_*. Identity: AF and (PROTOCOL, ADDR, PORT) or (FWMARK). FLAGS is struct ip_vs_flags {flags u32,
 * mask u32}: only bits of the mask change. NETMASK is be32 for IPv4 and the prefix length, u32, for IPv6.
 */
export const service = attributes({
  family: [k.IPVS_SVC_ATTR_AF, u16],
  protocol: [k.IPVS_SVC_ATTR_PROTOCOL, u16],
  address: [k.IPVS_SVC_ATTR_ADDR, octets(ADDRESS_BYTES)],
  port: [k.IPVS_SVC_ATTR_PORT, be16],
  fwmark: [k.IPVS_SVC_ATTR_FWMARK, u32],
  scheduler: [k.IPVS_SVC_ATTR_SCHED_NAME, cstring],
  flags: [
    k.IPVS_SVC_ATTR_FLAGS,
    {
      layout: "{flags u32, mask u32}",
      flags: 0,
      write: (memory, offset, value: { readonly flags: number; readonly mask: number }) => {
        u32.write(memory, offset, value.flags);
        return 4 + u32.write(memory, offset + 4, value.mask);
      },
      read: (memory, offset, length) => ({
        flags: u32.read(memory, offset, length),
        mask: u32.read(memory, offset + 4, length - 4),
      }),
    },
  ],
  timeoutS: [k.IPVS_SVC_ATTR_TIMEOUT, u32],
  netmask: [k.IPVS_SVC_ATTR_NETMASK, octets(4)],
  engine: [k.IPVS_SVC_ATTR_PE_NAME, cstring],
  statistics: [k.IPVS_SVC_ATTR_STATS64, nested(statistics)],
});

/** IPVS_DEST_ATTR_*. Identity: ADDR_FAMILY, ADDR, PORT. The connection counts and statistics are the kernel's. */
export const destination = attributes({
  address: [k.IPVS_DEST_ATTR_ADDR, octets(ADDRESS_BYTES)],
  port: [k.IPVS_DEST_ATTR_PORT, be16],
  method: [k.IPVS_DEST_ATTR_FWD_METHOD, u32],
  weight: [k.IPVS_DEST_ATTR_WEIGHT, s32],
  upperThreshold: [k.IPVS_DEST_ATTR_U_THRESH, u32],
  lowerThreshold: [k.IPVS_DEST_ATTR_L_THRESH, u32],
  activeConnections: [k.IPVS_DEST_ATTR_ACTIVE_CONNS, u32],
  inactiveConnections: [k.IPVS_DEST_ATTR_INACT_CONNS, u32],
  persistentConnections: [k.IPVS_DEST_ATTR_PERSIST_CONNS, u32],
  family: [k.IPVS_DEST_ATTR_ADDR_FAMILY, u16],
  tunnelType: [k.IPVS_DEST_ATTR_TUN_TYPE, u8],
  tunnelPort: [k.IPVS_DEST_ATTR_TUN_PORT, be16],
  tunnelFlags: [k.IPVS_DEST_ATTR_TUN_FLAGS, u16],
  statistics: [k.IPVS_DEST_ATTR_STATS64, nested(statistics)],
});

/** IPVS_DAEMON_ATTR_*. Group and TTL are those of the multicast; the port is in host order, unlike all others. */
export const daemon = attributes({
  state: [k.IPVS_DAEMON_ATTR_STATE, u32],
  interface: [k.IPVS_DAEMON_ATTR_MCAST_IFN, cstring],
  syncId: [k.IPVS_DAEMON_ATTR_SYNC_ID, u32],
  maxLength: [k.IPVS_DAEMON_ATTR_SYNC_MAXLEN, u16],
  group: [k.IPVS_DAEMON_ATTR_MCAST_GROUP, octets(4)],
  group6: [k.IPVS_DAEMON_ATTR_MCAST_GROUP6, octets(ADDRESS_BYTES)],
  port: [k.IPVS_DAEMON_ATTR_MCAST_PORT, u16],
  ttl: [k.IPVS_DAEMON_ATTR_MCAST_TTL, u8],
});

/** IPVS_CMD_ATTR_*, the first level. Timeouts in seconds; 0 leaves one as it is. */
export const command = attributes({
  service: [k.IPVS_CMD_ATTR_SERVICE, nested(service)],
  destination: [k.IPVS_CMD_ATTR_DEST, nested(destination)],
  daemon: [k.IPVS_CMD_ATTR_DAEMON, nested(daemon)],
  tcpS: [k.IPVS_CMD_ATTR_TIMEOUT_TCP, u32],
  tcpFinS: [k.IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, u32],
  udpS: [k.IPVS_CMD_ATTR_TIMEOUT_UDP, u32],
});

/** IPVS_INFO_ATTR_*: the first level of the answer to IPVS_CMD_GET_INFO. */
export const info = attributes({
  version: [k.IPVS_INFO_ATTR_VERSION, u32],
  connectionTableSize: [k.IPVS_INFO_ATTR_CONN_TAB_SIZE, u32],
});

export type StatisticsAttributes = ReturnType<typeof statistics.decode>;
export type ServiceAttributes = ReturnType<typeof service.decode>;
export type DestinationAttributes = ReturnType<typeof destination.decode>;
export type DaemonAttributes = ReturnType<typeof daemon.decode>;
export type CommandAttributes = ReturnType<typeof command.decode>;
