import { formatAddress } from "../address.ts";
import { addressOctets, invalid, MAX_S32, MAX_U16, MAX_U32, present, whole } from "../checks.ts";
import {
  addressFamily,
  type Destination,
  type DestinationEntry,
  type DestinationKey,
  type ForwardingMethod,
  type Tunnel,
} from "../table.ts";
import type { DestinationAttributes } from "./attributes.ts";
import * as k from "./constants.ts";
import { familyNumber, familyOfNumber } from "./service-codec.ts";
import { decodeStatistics } from "./statistics.ts";

const METHOD_NUMBERS: Record<ForwardingMethod, number> = {
  NAT: k.IP_VS_CONN_F_MASQ,
  LOCAL: k.IP_VS_CONN_F_LOCALNODE,
  TUN: k.IP_VS_CONN_F_TUNNEL,
  DR: k.IP_VS_CONN_F_DROUTE,
  BYPASS: k.IP_VS_CONN_F_BYPASS,
};
const METHODS = Object.entries(METHOD_NUMBERS) as [ForwardingMethod, number][];

const TUNNEL_NUMBERS: Record<Tunnel["type"], number> = {
  ipip: k.IP_VS_CONN_F_TUNNEL_TYPE_IPIP,
  gue: k.IP_VS_CONN_F_TUNNEL_TYPE_GUE,
  gre: k.IP_VS_CONN_F_TUNNEL_TYPE_GRE,
};
const TUNNELS = Object.entries(TUNNEL_NUMBERS) as [Tunnel["type"], number][];

const CHECKSUM_FLAGS: Record<Tunnel["checksum"], number> = {
  none: k.IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM,
  csum: k.IP_VS_TUNNEL_ENCAP_FLAG_CSUM,
  remcsum: k.IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM,
};

const plainTunnel: Tunnel = { type: "ipip", port: 0, checksum: "none" };

/** The attributes that identify a destination within its service. Throws NetlinkError `invalid`. */
export function encodeDestinationKey({ address, port }: DestinationKey): DestinationAttributes {
  return {
    address: addressOctets(address),
    port: whole("port", port, 0, MAX_U16),
    family: familyNumber(addressFamily(address)),
  };
}

/** A whole destination, as NEW_DEST and SET_DEST need it. Throws NetlinkError `invalid`. */
export function encodeDestination(destination: Destination): DestinationAttributes {
  const method = METHOD_NUMBERS[destination.method];
  if (method === undefined) throw invalid(`${destination.method} is no forwarding method`);
  return {
    ...encodeDestinationKey(destination),
    method,
    weight: whole("weight", destination.weight, 0, MAX_S32),
    upperThreshold: whole("upper threshold", destination.upperThreshold, 0, MAX_U32),
    lowerThreshold: whole("lower threshold", destination.lowerThreshold, 0, MAX_U32),
    ...(destination.method === "TUN" ? encodeTunnel(destination.tunnel ?? plainTunnel) : {}),
  };
}

function encodeTunnel({ type, port, checksum }: Tunnel): DestinationAttributes {
  return {
    tunnelType: TUNNEL_NUMBERS[type],
    tunnelPort: whole("tunnel port", port, 0, MAX_U16),
    tunnelFlags: CHECKSUM_FLAGS[checksum],
  };
}

/** Throws NetlinkError `malformed`. */
export function decodeDestination(attributes: DestinationAttributes): DestinationEntry {
  const family = familyOfNumber(attributes.family);
  const number = present("forwarding method", attributes.method) & k.IP_VS_CONN_F_FWD_MASK;
  const method = present("known forwarding method", METHODS.find(([, value]) => value === number)?.[0]);
  return {
    address: formatAddress(family, present("destination address", attributes.address)),
    port: present("destination port", attributes.port),
    method,
    weight: present("weight", attributes.weight),
    upperThreshold: present("upper threshold", attributes.upperThreshold),
    lowerThreshold: present("lower threshold", attributes.lowerThreshold),
    tunnel: method === "TUN" ? decodeTunnel(attributes) : null,
    activeConnections: attributes.activeConnections ?? 0,
    inactiveConnections: attributes.inactiveConnections ?? 0,
    persistentConnections: attributes.persistentConnections ?? 0,
    statistics: decodeStatistics(attributes.statistics),
  };
}

/** Kernels before 5.2 know ipip alone and send none of these. */
function decodeTunnel({ tunnelType = 0, tunnelPort = 0, tunnelFlags = 0 }: DestinationAttributes): Tunnel {
  return {
    type: present("known tunnel type", TUNNELS.find(([, value]) => value === tunnelType)?.[0]),
    port: tunnelPort,
    checksum: tunnelFlags & CHECKSUM_FLAGS.remcsum ? "remcsum" : tunnelFlags & CHECKSUM_FLAGS.csum ? "csum" : "none",
  };
}
